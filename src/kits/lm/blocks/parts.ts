import { isTensor, leavesWithPaths, mapTree, type Tensor } from '../../../engine/index.ts'
import type { DecoderParams } from '../params.ts'

/** A piece of a model's parameters that is computed with at one time: what is before the blocks, a block, or what is behind them. */
export interface Part {
  readonly kind: 'embedding' | 'block' | 'top'
  /** What stands before its paths in the model: `blocks.3.`, or nothing. */
  readonly prefix: string
  /** Its parameters, by shapes alone. */
  readonly tree: unknown
  /** Dotted paths of its tensors within the tree, in order. */
  readonly paths: readonly string[]
  /** The tensors, by shape alone. */
  readonly leaves: readonly Tensor[]
  /** Equal for parts that the same programs serve. */
  readonly signature: string
}

/** The parts from the input to the output. */
export function partsOf({ embedding, prompt, blocks, norm, head }: DecoderParams): Part[] {
  return [
    part('embedding', '', { embedding, ...(prompt && { prompt }) }),
    ...blocks.map((block, i) => part('block', `blocks.${i}.`, block)),
    part('top', '', { norm, ...(head && { head }) }),
  ]
}

function part(kind: Part['kind'], prefix: string, tree: unknown): Part {
  const entries = leavesWithPaths(tree)
  return {
    kind,
    prefix,
    tree,
    paths: entries.flatMap(([path, leaf]) => (isTensor(leaf) ? [path] : [])),
    leaves: entries.flatMap(([, leaf]) => (isTensor(leaf) ? [leaf] : [])),
    signature: entries.map(([path, leaf]) => `${path}=${isTensor(leaf) ? `${leaf.dtype}[${leaf.shape}]` : JSON.stringify(leaf)}`).join(';'),
  }
}

/** A tree with the tensors of some paths exchanged. */
export const exchanged = <T>(tree: T, by: ReadonlyMap<string, Tensor>): T => mapTree<T>(tree, (leaf, path) => by.get(path) ?? leaf)

/** The place of a tied head's weight in the model: the embedding. */
export const tokensPath = 'embedding.tokens'
