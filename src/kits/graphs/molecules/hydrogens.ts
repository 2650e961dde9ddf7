import { type ElementSymbol, valences } from './elements.ts'
import { kekulise } from './kekulise.ts'
import type { Atom, Bond, Molecule, WrittenBond } from './smiles.ts'

/** An atom as it is written: hydrogens may be atoms of their own. */
export interface WrittenAtom extends Omit<Atom, 'element'> {
  readonly element: ElementSymbol | 'H'
}

/** Bonds with their orders, and hydrogens that are written as atoms counted by the atoms that they stand on. */
export function moleculeOf(written: readonly WrittenAtom[], bonds: readonly WrittenBond[], refuse: (what: string) => never): Molecule {
  if (!written.some(isHydrogen)) return { atoms: written as Atom[], bonds: kekulise(written as Atom[], bonds, refuse) }
  const counts = countedHydrogens(written, bonds, refuse)
  const heavy = written.flatMap((atom, i) => (isHydrogen(atom) ? [] : [i]))
  if (heavy.length === 0) return refuse('no atom is there but hydrogens')
  const places = new Map(heavy.map((i, place) => [i, place]))
  const atoms = heavy.map((i) => {
    const { hydrogens } = written[i]
    return { ...written[i], hydrogens: counts[i] === 0 ? hydrogens : (hydrogens ?? 0) + counts[i] } as Atom
  })
  const between = bonds.flatMap(({ from, to, order }) =>
    places.has(from) && places.has(to) ? [{ from: places.get(from)!, to: places.get(to)!, order }] : [],
  )
  const ordered = kekulise(atoms, between, refuse)
  // Outside of brackets others fill up what those that are written leave.
  const isOpen = (place: number) => written[heavy[place]].hydrogens === undefined && counts[heavy[place]] > 0
  return { atoms: atoms.map((atom, place) => (isOpen(place) ? filledUp(atom, place, ordered) : atom)), bonds: ordered }
}

const isHydrogen = ({ element }: WrittenAtom): boolean => element === 'H'

/** How many stand on each atom. */
function countedHydrogens(written: readonly WrittenAtom[], bonds: readonly WrittenBond[], refuse: (what: string) => never): number[] {
  const counts = new Array<number>(written.length).fill(0)
  for (const [i, atom] of written.entries()) {
    if (!isHydrogen(atom)) continue
    const own = bonds.filter(({ from, to }) => from === i || to === i)
    const [{ from, to, order } = { from: i, to: i, order: 0 }] = own
    if (own.length !== 1 || order !== 1 || atom.charge !== 0 || atom.hydrogens !== 0)
      refuse('a hydrogen is neutral and stands on one atom by a single bond')
    counts[from === i ? to : from]++
  }
  return counts
}

function filledUp(atom: Atom, place: number, bonds: readonly Bond[]): Atom {
  const sum = bonds.reduce((sum, { from, to, order }) => sum + (from === place || to === place ? order : 0), 0)
  const least = sum + atom.hydrogens!
  return { ...atom, hydrogens: (valences[atom.element].find((valence) => valence >= least) ?? least) - sum }
}
