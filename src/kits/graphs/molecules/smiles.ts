import { InputError } from '../../../engine/index.ts'
import { type ElementSymbol, isElement } from './elements.ts'
import { moleculeOf, type WrittenAtom } from './hydrogens.ts'

export interface Atom {
  readonly element: ElementSymbol
  readonly aromatic: boolean
  readonly charge: number
  /** Hydrogens that a bracket tells; of other atoms they follow from the valence. */
  readonly hydrogens?: number
}

export interface Bond {
  readonly from: number
  readonly to: number
  /** 1, 2 or 3. */
  readonly order: number
}

/** Heavy atoms and the bonds between them, with alternating bonds in the place of aromatic ones. */
export interface Molecule {
  readonly atoms: readonly Atom[]
  readonly bonds: readonly Bond[]
}

/** A bond as it is written; `undefined` where nothing is, which between aromatic atoms of a ring means an aromatic bond. */
export interface WrittenBond {
  readonly from: number
  readonly to: number
  readonly order: number | undefined
}

const orders: Readonly<Record<string, number | undefined>> = { '-': 1, '=': 2, '#': 3, '/': 1, '\\': 1, ':': undefined }

/** Atoms outside of brackets; two letters first. */
const organic = /^(?:Cl|Br|[BCNOFPSI]|[bcnops])/

/** `[13CH3@@-]`: isotope, symbol, chirality, hydrogens, charge, class. */
const bracket = /^\[(\d*)([A-Z][a-z]?|[bcnops])(@{0,2})(H\d*)?([+-]\d*|\++|-+)?(:\d+)?\]/

/**
 * More than any molecule that one would draw; refused before memory is spent.
 *
 * @example
 * mostAtoms // 1000
 */
export const mostAtoms = 1000

interface Reading {
  readonly atoms: WrittenAtom[]
  readonly bonds: WrittenBond[]
  /** Atoms at which open branches began. */
  readonly branches: number[]
  readonly rings: Map<number, { readonly atom: number; readonly order: number | undefined; readonly stated: boolean }>
  previous: number | undefined
  /** The bond symbol before the next atom or ring digit. */
  bond: { readonly order: number | undefined } | undefined
  at: number
}

/**
 * A molecule from its SMILES: heavy atoms B C N O F P S Cl Br I, bonds, branches, rings, aromatic atoms (made into alternating bonds by a perfect matching),
 * brackets with hydrogens and charges. Stereo marks, isotopes and atom classes are read over. Hydrogens, in brackets or as atoms `[H]`, are implicit in the result.
 *
 * @throws InputError that says at which character, or which aromatic atoms cannot be given alternating bonds.
 * @example
 * const { bonds } = parseSmiles('c1ccccc1')
 * bonds.map(({ order }) => order).sort() // [1, 1, 1, 2, 2, 2]
 */
export function parseSmiles(smiles: string, where = 'SMILES'): Molecule {
  const refuse = (what: string, at: number): never => {
    throw new InputError(`'${smiles.length > 80 ? `${smiles.slice(0, 77)}…` : smiles}': ${what} at character ${at + 1}`, { where })
  }
  const reading: Reading = { atoms: [], bonds: [], branches: [], rings: new Map(), previous: undefined, bond: undefined, at: 0 }
  if (smiles === '') refuse('nothing is there', 0)
  while (reading.at < smiles.length) readOne(reading, smiles, refuse)
  if (reading.branches.length > 0) refuse("a branch '(' is not closed", smiles.length - 1)
  if (reading.bond) refuse('a bond leads nowhere', smiles.length - 1)
  const [open] = reading.rings.keys()
  if (open !== undefined) refuse(`ring ${open} is not closed`, smiles.length - 1)
  if (reading.atoms.length === 0) refuse('no atom is there', 0)
  return moleculeOf(reading.atoms, reading.bonds, (what) => refuse(what, smiles.length - 1))
}

type Refuse = (what: string, at: number) => never

function readOne(reading: Reading, smiles: string, refuse: Refuse): void {
  const character = smiles[reading.at]
  if (character in orders) {
    if (reading.bond || reading.previous === undefined) refuse(`a bond '${character}' has no atom before it`, reading.at)
    reading.bond = { order: orders[character] }
    reading.at++
  } else if (character === '(') {
    if (reading.previous === undefined || reading.bond) refuse("a branch '(' has no atom before it", reading.at)
    reading.branches.push(reading.previous!)
    reading.at++
  } else if (character === ')') {
    if (reading.branches.length === 0 || reading.bond) refuse("')' closes nothing", reading.at)
    reading.previous = reading.branches.pop()
    reading.at++
  } else if (character === '.') {
    if (reading.previous === undefined || reading.bond) refuse("'.' has no atom before it", reading.at)
    reading.previous = undefined
    reading.at++
  } else if (/[0-9%]/.test(character)) readRing(reading, smiles, refuse)
  else readAtom(reading, smiles, refuse)
}

function readAtom(reading: Reading, smiles: string, refuse: Refuse): void {
  const rest = smiles.slice(reading.at, reading.at + 32)
  const atom = rest[0] === '[' ? bracketAtom(rest, reading.at, refuse) : organicAtom(rest, reading.at, refuse)
  if (reading.atoms.length === mostAtoms) refuse(`more than ${mostAtoms} atoms`, reading.at)
  const place = reading.atoms.push(atom.atom) - 1
  if (reading.previous !== undefined) addBond(reading, reading.previous, place, reading.bond, refuse)
  reading.previous = place
  reading.bond = undefined
  reading.at += atom.length
}

interface Read {
  readonly atom: WrittenAtom
  readonly length: number
}

function organicAtom(rest: string, at: number, refuse: Refuse): Read {
  const [symbol] = organic.exec(rest) ?? []
  if (symbol === undefined) return refuse(`'${rest[0]}' is no atom that is known here`, at)
  return { atom: { element: elementOf(symbol, at, refuse), aromatic: symbol === symbol.toLowerCase(), charge: 0 }, length: symbol.length }
}

function bracketAtom(rest: string, at: number, refuse: Refuse): Read {
  const found = bracket.exec(rest)
  if (!found) return refuse("'[' begins no atom", at)
  const [text, , symbol, , hydrogens = '', charge = ''] = found
  const element = symbol === 'H' ? 'H' : elementOf(symbol, at, refuse)
  const count = hydrogens === '' ? 0 : hydrogens === 'H' ? 1 : Number(hydrogens.slice(1))
  return {
    atom: { element, aromatic: symbol === symbol.toLowerCase(), charge: chargeOf(charge), hydrogens: count },
    length: text.length,
  }
}

function elementOf(symbol: string, at: number, refuse: Refuse): ElementSymbol {
  const element = symbol[0].toUpperCase() + symbol.slice(1)
  return isElement(element) ? element : refuse(`'${symbol}' is no element that is known here`, at)
}

/** @example chargeOf('--')   // -2 */
function chargeOf(text: string): number {
  if (text === '') return 0
  const size = /\d/.test(text) ? Number(text.slice(1)) : text.length
  return text[0] === '+' ? size : -size
}

function readRing(reading: Reading, smiles: string, refuse: Refuse): void {
  const [text = ''] = /^(?:%\d\d|\d)/.exec(smiles.slice(reading.at)) ?? []
  if (text === '') refuse("'%' is followed by two digits", reading.at)
  const { previous, bond } = reading
  if (previous === undefined) refuse(`ring ${text} has no atom before it`, reading.at)
  else closeRing(reading, { number: Number(text.replace('%', '')), atom: previous, bond }, refuse)
  reading.bond = undefined
  reading.at += text.length
}

interface RingEnd {
  readonly number: number
  readonly atom: number
  readonly bond: Reading['bond']
}

/** The first time that a number comes a ring is opened, the second time it is closed. */
function closeRing(reading: Reading, { number, atom, bond }: RingEnd, refuse: Refuse): void {
  const open = reading.rings.get(number)
  if (!open) {
    reading.rings.set(number, { atom, order: bond?.order, stated: bond !== undefined })
    return
  }
  if (open.stated && bond && open.order !== bond.order) refuse(`ring ${number} has two different bonds`, reading.at)
  reading.rings.delete(number)
  addBond(reading, open.atom, atom, bond ?? (open.stated ? { order: open.order } : undefined), refuse)
}

function addBond(reading: Reading, from: number, to: number, written: Reading['bond'], refuse: Refuse): void {
  if (from === to) refuse('an atom is bonded to itself', reading.at)
  if (reading.bonds.some((bond) => (bond.from === from && bond.to === to) || (bond.from === to && bond.to === from)))
    refuse('two atoms are bonded twice', reading.at)
  const isAromatic = reading.atoms[from].aromatic && reading.atoms[to].aromatic
  if (written && written.order === undefined && !isAromatic) refuse("':' stands between atoms that are not aromatic", reading.at)
  reading.bonds.push({ from, to, order: written ? written.order : isAromatic ? undefined : 1 })
}
