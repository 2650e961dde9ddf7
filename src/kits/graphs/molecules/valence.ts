import { type AttributedGraph, components, type GraphSchema } from '../graph.ts'
import { bondNames, type ElementSymbol, mostBonds, valences } from './elements.ts'
import type { Molecule } from './smiles.ts'

/**
 * Molecules as graphs: a node an atom, an edge a bond; hydrogens are implicit.
 *
 * @example
 * moleculeSchema(['C', 'O'], 9).edge[0].values // ['single', 'double', 'triple']
 */
export const moleculeSchema = (elements: readonly ElementSymbol[], maxNodes: number): GraphSchema => ({
  node: [{ name: 'element', type: 'categorical', values: [...elements] }],
  edge: [{ name: 'bond', type: 'categorical', values: [...bondNames] }],
  maxNodes,
  directed: false,
})

/**
 * Whether a schema is that of molecules; `elements` in its order.
 *
 * @example
 * elementsOf(moleculeSchema(['C', 'O'], 9)) // ['C', 'O']
 */
export function elementsOf({ node, edge, directed }: GraphSchema): readonly ElementSymbol[] | undefined {
  const isBonds = edge.length === 1 && edge[0].name === 'bond' && edge[0].values?.join() === bondNames.join()
  const isElements = node.length === 1 && node[0].name === 'element' && node[0].values?.every((value) => Object.hasOwn(valences, value))
  return isBonds && isElements && !directed ? (node[0].values as ElementSymbol[]) : undefined
}

/** Why a molecule is no neutral, closed-shell molecule in one piece, if it is none. */
export type Objection = 'charged' | 'several fragments' | 'radical' | 'valence'

/**
 * What speaks against a molecule, if anything: charges, pieces, radicals, valences.
 *
 * @example
 * objectionTo(parseSmiles('C[O-]')) // 'charged'
 */
export function objectionTo({ atoms, bonds }: Molecule): Objection | undefined {
  if (components({ n: atoms.length, x: [], edges: bonds.map(({ from, to }) => [from, to] as const) }).some((component) => component > 0))
    return 'several fragments'
  if (atoms.some(({ charge }) => charge !== 0)) return 'charged'
  const sums = new Array<number>(atoms.length).fill(0)
  for (const { from, to, order } of bonds) {
    sums[from] += order
    sums[to] += order
  }
  const states = atoms.map(({ element, hydrogens }, i) => {
    if (sums[i] + (hydrogens ?? 0) > mostBonds(element)) return 'valence'
    // Outside of brackets hydrogens fill up what is left.
    return hydrogens === undefined || (valences[element] as readonly number[]).includes(sums[i] + hydrogens) ? undefined : 'radical'
  })
  return states.find((state) => state === 'valence') ?? states.find((state) => state === 'radical')
}

/**
 * The graph of a molecule by these elements, or undefined where it has others.
 *
 * @example
 * graphOfMolecule(parseSmiles('C=O'), ['C', 'O'])?.edges // [[0, 1, 1]]
 */
export function graphOfMolecule({ atoms, bonds }: Molecule, elements: readonly ElementSymbol[]): AttributedGraph | undefined {
  const places = atoms.map(({ element }) => elements.indexOf(element))
  if (places.includes(-1)) return undefined
  const edges = bonds
    .map(({ from, to, order }) => [Math.min(from, to), Math.max(from, to), order - 1] as const)
    .sort((a, b) => a[0] - b[0] || a[1] - b[1])
  return { n: atoms.length, x: places.map((place) => [place]), edges }
}

export interface ValenceCheck {
  /** Atoms whose bonds are no more than their valence. */
  readonly stableAtoms: number
  readonly connected: boolean
  /** All of them, in one piece. */
  readonly valid: boolean
}

/**
 * Whether a graph of atoms and bonds is a molecule: C has at most 4 bonds, N 3, O 2, F 1, and all atoms hang together. Nothing is corrected first.
 *
 * @example
 * checkValence({ n: 2, x: [[0], [1]], edges: [[0, 1, 2]] }, ['C', 'O']).valid // false
 */
export function checkValence(graph: AttributedGraph, elements: readonly ElementSymbol[]): ValenceCheck {
  const sums = new Array<number>(graph.n).fill(0)
  for (const [from, to, bond] of graph.edges) {
    sums[from] += bond + 1
    sums[to] += bond + 1
  }
  const stableAtoms = sums.filter((sum, i) => sum <= mostBonds(elements[graph.x[i][0]])).length
  const connected = components(graph).every((component) => component === 0)
  return { stableAtoms, connected, valid: connected && stableAtoms === graph.n }
}
