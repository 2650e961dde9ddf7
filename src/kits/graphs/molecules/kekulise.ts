import { valences } from './elements.ts'
import type { Atom, Bond, WrittenBond } from './smiles.ts'

/**
 * Gives aromatic bonds their orders: each aromatic atom that has a valence left over must share a double bond with exactly one other, which is a perfect
 * matching of those atoms along aromatic bonds of rings.
 */
export function kekulise(atoms: readonly Atom[], bonds: readonly WrittenBond[], refuse: (what: string) => never): Bond[] {
  // Most molecules have none: of those all orders are written.
  if (!atoms.some(({ aromatic }) => aromatic)) return bonds.map(({ from, to, order = 1 }) => ({ from, to, order }))
  const isOnRing = ringBonds(atoms.length, bonds)
  const aromatic = bonds.map(({ order }, i) => order === undefined && isOnRing[i])
  const needs = atoms.map((atom, i) => atom.aromatic && freeValence(atom, i, bonds) > 0)
  const doubles = matching(needs, bonds, aromatic, () => refuse('the aromatic rings are too large to be given alternating bonds'))
  if (!doubles) return refuse('the aromatic atoms cannot be given alternating single and double bonds')
  return bonds.map(({ from, to, order }, i) => ({ from, to, order: doubles.has(i) ? 2 : (order ?? 1) }))
}

/** What is left of an aromatic atom's valence when every aromatic bond counts as single. A positive charge gives N and O one more, a negative one less. */
function freeValence({ element, charge, hydrogens = 0 }: Atom, place: number, bonds: readonly WrittenBond[]): number {
  const used = bonds.reduce((sum, { from, to, order = 1 }) => sum + (from === place || to === place ? order : 0), 0)
  const shift = element === 'B' ? -charge : element === 'C' ? -Math.abs(charge) : charge
  return valences[element][0] + shift - used - hydrogens
}

/** Steps of the search; a molecule that one would draw takes fewer than a thousand. */
const mostSteps = 100_000

/** The bonds that become double, or undefined where there is no perfect matching. */
function matching(
  needs: readonly boolean[],
  bonds: readonly WrittenBond[],
  usable: readonly boolean[],
  tooHard: () => never,
): Set<number> | undefined {
  const options = bondsAt(needs.length, bonds, ({ from, to }, i) => usable[i] && needs[from] && needs[to])
  const open = new Set(needs.flatMap((need, i) => (need ? [i] : [])))
  const chosen = new Set<number>()
  let steps = 0
  // Recursion is as deep as there are double bonds, at most half of `mostAtoms`.
  const search = (): boolean => {
    if (open.size === 0) return true
    if (++steps > mostSteps) tooHard()
    const atom = mostConstrained(open, options, bonds)
    for (const bond of options[atom]) {
      const other = partner(bonds[bond], atom)
      if (!open.has(other)) continue
      open.delete(atom)
      open.delete(other)
      chosen.add(bond)
      if (search()) return true
      chosen.delete(bond)
      open.add(atom)
      open.add(other)
    }
    return false
  }
  return search() ? chosen : undefined
}

/** The open atom with the fewest open partners: ends of chains first, which leaves nothing to guess but one bond of each ring system. */
function mostConstrained(open: ReadonlySet<number>, options: readonly (readonly number[])[], bonds: readonly Ends[]): number {
  let best = -1
  let fewest = Number.POSITIVE_INFINITY
  for (const atom of open) {
    const count = options[atom].reduce((sum, bond) => sum + Number(open.has(partner(bonds[bond], atom))), 0)
    if (count >= fewest) continue
    best = atom
    fewest = count
  }
  return best
}

interface Ends {
  readonly from: number
  readonly to: number
}

const partner = ({ from, to }: Ends, atom: number): number => (from === atom ? to : from)

/** The bonds of each atom, by their places. */
function bondsAt(count: number, bonds: readonly Ends[], counts: (bond: Ends, place: number) => boolean): number[][] {
  const at = Array.from({ length: count }, (): number[] => [])
  bonds.forEach((bond, place) => {
    if (!counts(bond, place)) return
    at[bond.from].push(place)
    at[bond.to].push(place)
  })
  return at
}

/** Whether each bond lies on a ring: those that do not are bridges (Tarjan 1974). */
function ringBonds(count: number, bonds: readonly Ends[]): boolean[] {
  const next = bondsAt(count, bonds, () => true)
  const [entered, lowest] = [new Array<number>(count).fill(-1), new Array<number>(count).fill(0)]
  const isBridge = new Array<boolean>(bonds.length).fill(false)
  let time = 0
  const visit = (atom: number, through: number): void => {
    entered[atom] = lowest[atom] = time++
    for (const bond of next[atom]) {
      if (bond === through) continue
      const other = partner(bonds[bond], atom)
      if (entered[other] < 0) {
        visit(other, bond)
        isBridge[bond] = lowest[other] > entered[atom]
      }
      lowest[atom] = Math.min(lowest[atom], entered[other] <= entered[atom] ? entered[other] : lowest[other])
    }
  }
  for (let atom = 0; atom < count; atom++) if (entered[atom] < 0) visit(atom, -1)
  return isBridge.map((bridge) => !bridge)
}
