import type { AttributedGraph } from '../graph.ts'
import { moleculeKey } from '../molecules/canonical.ts'
import type { ElementSymbol } from '../molecules/elements.ts'
import { checkValence } from '../molecules/valence.ts'

export interface MoleculeScores {
  /** The share of all samples, uncorrected, in which no valence is exceeded and all atoms hang together. */
  readonly validity: number
  /** Of the valid ones the share of different molecules. */
  readonly uniqueness: number
  /** Of the different valid ones the share that was not trained on. */
  readonly novelty: number
  /** The share of atoms within their valence. */
  readonly atomStability: number
  /** Total variation between real and generated frequencies. */
  readonly atomTypes: number
  readonly bondTypes: number
  readonly rings: number
}

/**
 * What generated molecules are judged by.
 *
 * @example
 * const { graphs } = parseSmilesLines('CCO\nC=O\nOCC\n')
 * const { validity, uniqueness } = scoreMolecules(graphs, { real: graphs, train: [] }, ['C', 'O'])
 * uniqueness.toFixed(2) // '0.67'
 */
export function scoreMolecules(
  generated: readonly AttributedGraph[],
  { real, train }: { readonly real: readonly AttributedGraph[]; readonly train: readonly AttributedGraph[] },
  elements: readonly ElementSymbol[],
): MoleculeScores {
  const checks = generated.map((graph) => checkValence(graph, elements))
  const valid = generated.filter((_, i) => checks[i].valid)
  const different = new Set(valid.map(moleculeKey))
  const known = new Set(train.map(moleculeKey))
  const atoms = generated.reduce((sum, { n }) => sum + n, 0)
  const variation = (of: (graph: AttributedGraph) => readonly number[]) => totalVariation(real.flatMap(of), generated.flatMap(of))
  return {
    validity: valid.length / generated.length,
    uniqueness: valid.length > 0 ? different.size / valid.length : 0,
    novelty: different.size > 0 ? [...different].filter((key) => !known.has(key)).length / different.size : 0,
    atomStability: checks.reduce((sum, { stableAtoms }) => sum + stableAtoms, 0) / atoms,
    atomTypes: variation(({ x }) => x.map(([element]) => element)),
    bondTypes: variation(({ edges }) => edges.map(([, , bond]) => bond)),
    rings: variation(({ n, edges }) => [edges.length - n + 1]),
  }
}

/** Half the sum of the differences of two samples' frequencies; 1 where one of them is empty. */
function totalVariation(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 || b.length === 0) return a.length === b.length ? 0 : 1
  const share = new Map<number, number>()
  for (const value of a) share.set(value, (share.get(value) ?? 0) + 1 / a.length)
  for (const value of b) share.set(value, (share.get(value) ?? 0) - 1 / b.length)
  return [...share.values()].reduce((sum, value) => sum + Math.abs(value), 0) / 2
}
