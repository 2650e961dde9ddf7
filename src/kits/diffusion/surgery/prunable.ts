import type { AttentionConfig, MlpConfig, NetworkConfig, UNetConfig } from '../network.ts'
import { normGroups } from '../networks/residual-block.ts'
import { mostGroups, planOf } from '../networks/unet-plan.ts'

/**
 * Where a unit stands in one parameter: at `axis`, which holds `parts` runs of all units, of `extent` entries each. (The queries, keys and values of
 * heads are three parts.)
 */
export interface Place {
  readonly path: string
  readonly axis: number
  readonly parts?: number
  readonly extent?: number
  /** Weights that lead into the unit, and out of it; biases, norms and embeddings are neither. */
  readonly way?: 'in' | 'out'
}

/** Units that nothing outside of their block sees, so that any of them can go: the residual stream keeps its width. */
export interface Prunable {
  /** Path of the block in the parameters. */
  readonly block: string
  readonly kind: 'hidden' | 'inner' | 'heads'
  readonly units: number
  /** Groups of the norm over them: 1 where there is none. */
  readonly groups: number
  readonly places: readonly Place[]
}

const affine = (path: string, place: Omit<Place, 'path' | 'axis'>): Place[] => [
  { path: `${path}.weight`, axis: 0, ...place },
  { path: `${path}.bias`, axis: 0, ...place, way: undefined },
]

const mlpParts = ({ hidden, embed = 'blocks' }: MlpConfig): Prunable[] =>
  hidden.map((units, i) => ({
    block: `blocks.${i}`,
    kind: 'hidden',
    units,
    groups: 1,
    places: [
      ...affine(`blocks.${i}.up`, { way: 'in' }),
      ...(embed === 'blocks' ? affine(`blocks.${i}.condition`, {}) : []),
      { path: `blocks.${i}.down.weight`, axis: 1, way: 'out' },
    ],
  }))

function unetParts(config: UNetConfig, shape: readonly number[]): Prunable[] {
  const plan = planOf(config, shape)
  const levels = (way: 'down' | 'up') =>
    plan[way].flatMap(({ blocks }, level) => blocks.map((block, i) => ({ path: `${way}.${level}.blocks.${i}`, block })))
  const middle = plan.middle.map((block, i) => ({ path: `middle.${i}`, block }))
  return [...levels('down'), ...middle, ...levels('up')].map(({ path, block }) => ({
    block: path,
    kind: 'inner',
    units: block.inner,
    groups: normGroups(mostGroups(config), block),
    places: [
      ...affine(`${path}.conv1`, { way: 'in' }),
      ...affine(`${path}.condition`, {}),
      { path: `${path}.norm2.scale`, axis: 0 },
      { path: `${path}.norm2.bias`, axis: 0 },
      { path: `${path}.conv2.weight`, axis: 1, way: 'out' },
    ],
  }))
}

const attentionParts = ({ width, depth, heads, hidden, blockHeads }: AttentionConfig): Prunable[] =>
  Array.from({ length: depth }, (_, i) => `blocks.${i}`).flatMap((block, i): Prunable[] => [
    {
      block,
      kind: 'heads',
      units: blockHeads?.[i] ?? heads,
      groups: 1,
      places: [
        ...affine(`${block}.attention.qkv`, { parts: 3, extent: width / heads, way: 'in' }),
        { path: `${block}.attention.projection.weight`, axis: 1, extent: width / heads, way: 'out' },
      ],
    },
    {
      block,
      kind: 'hidden',
      units: hidden?.[i] ?? 4 * width,
      groups: 1,
      places: [...affine(`${block}.up`, { way: 'in' }), { path: `${block}.down.weight`, axis: 1, way: 'out' }],
    },
  ])

/**
 * What can be cut out of a network without changing what its blocks pass to each other, in the order of use: hidden units of an MLP, inner channels of a
 * U-Net's residual blocks, heads and hidden units of a transformer.
 *
 * @example
 * prunableOf({ kind: 'mlp', width: 64, hidden: [48, 32] }, [49]).map(({ units }) => units) // [48, 32]
 */
export function prunableOf(network: NetworkConfig, shape: readonly number[]): readonly Prunable[] {
  if (network.kind === 'mlp') return mlpParts(network)
  return network.kind === 'unet' ? unetParts(network, shape) : attentionParts(network)
}

/** Entries along the axis of a place that belong to these units. */
export function entriesOf({ parts = 1, extent = 1 }: Place, units: readonly number[], all: number): number[] {
  const within = Array.from({ length: extent }, (_, k) => k)
  const part = Array.from({ length: parts }, (_, p) => p * all * extent)
  return part.flatMap((start) => units.flatMap((unit) => within.map((k) => start + unit * extent + k)))
}
