import { type Node, topological } from '../../../engine/graph/node.ts'
import type { EnginePhase } from '../../api-engine.ts'

export interface PartsOptions {
  /** What the arguments are called: `0.params.blocks.3.network.up.weight`. */
  readonly paths: ReadonlyMap<Node, string>
  /** Of a training step. */
  readonly loss?: Node
}

/**
 * Which part of a model each node of a step belongs to, and whether it computes the loss, its gradient or the next state. A node belongs to the part of the
 * parameter that it reads; one that reads none to the part of what it reads that ran last.
 *
 * @param run inputs before users.
 */
export function partsOfStep(run: readonly Node[], { paths, loss }: PartsOptions) {
  const forward = new Set(loss ? topological([loss]) : run)
  const isState = (node: Node) => /^0\.optimizer\b/.test(paths.get(node) ?? '')
  const updating = new Set<Node>()
  const parts = new Map<Node, string>()
  const ranks = new Map(run.map((node, i) => [node, i]))
  for (const [node, path] of paths) {
    const part = partOfPath(path)
    if (part !== undefined) parts.set(node, part)
  }
  const own = (node: Node): string | undefined =>
    node.inputs.map((input) => (paths.has(input) ? parts.get(input) : undefined)).find(Boolean)
  for (const node of run) {
    if (!forward.has(node) && node.inputs.some((input) => updating.has(input) || isState(input))) updating.add(node)
    const read = node.inputs.filter((input) => parts.has(input)).sort((a, b) => (ranks.get(b) ?? -1) - (ranks.get(a) ?? -1))
    parts.set(node, own(node) ?? (read.length > 0 ? parts.get(read[0])! : ''))
  }
  const phaseOf = (node: Node): EnginePhase => (forward.has(node) ? 'forward' : updating.has(node) ? 'update' : 'backward')
  return { phaseOf, partOf: (node: Node): string => parts.get(node) ?? '' }
}

/** What of a path names a layer: `0.params.blocks.3.norm1.weight` → `blocks.3`, `0.params.embedding.tokens` → `embedding`; none of a batch. */
export function partOfPath(path: string): string | undefined {
  const [, inner] = /^0\.(?:params|optimizer\.[^.]+)\.(.+)$/.exec(path) ?? /^(?:0)\.([^.]+)$/.exec(path) ?? []
  if (inner === undefined) return undefined
  const words = inner.split('.')
  const number = words.findIndex((word) => /^\d+$/.test(word))
  return number > 0 ? words.slice(0, number + 1).join('.') : words[0]
}
