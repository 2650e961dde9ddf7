import type { NDArray } from '../../engine/index.ts'

/**
 * What is called a layer's norm: that of its weights, with adapters merged into them (the paper); of what training has changed in them; or of the
 * adapter's own matrices.
 *
 * @example
 * normDefinitions.length // 3
 */
export const normDefinitions = ['weights', 'update', 'adapter'] as const
export type NormDefinition = (typeof normDefinitions)[number]

/** Norms of the layers from the input to the output: embedding, blocks, head with the last norm. */
export type LayerNorms = Readonly<Record<NormDefinition, readonly number[]>>

type Arrays = Readonly<Record<string, NDArray>>

/**
 * The norm of each layer under each definition, in float64, of parameters by their paths against those at the start. A tied head is counted with the
 * embedding.
 *
 * @example
 * const one = (x: number) => ({ 'embedding.tokens': ndarray(Float32Array.of(x, 0), [2, 1], 'float32') })
 * layerNorms(one(3), one(1), 0).update // [2, 0]
 */
export function layerNorms(now: Arrays, start: Arrays, layers: number): LayerNorms {
  const sums = Object.fromEntries(normDefinitions.map((definition) => [definition, new Array<number>(layers + 2).fill(0)])) as Record<
    NormDefinition,
    number[]
  >
  for (const [path, array] of Object.entries(now)) {
    const layer = layerOf(path, layers)
    if (/\.lora\.[ab]$/.test(path)) sums.adapter[layer] += squares(array.data)
    if (/\.lora\./.test(path)) continue
    const merged = withAdapter(path, array, now)
    const before = start[path].data
    sums.weights[layer] += squares(merged)
    sums.update[layer] += squares(merged.map((w, i) => w - before[i]))
  }
  return Object.fromEntries(normDefinitions.map((definition) => [definition, sums[definition].map(Math.sqrt)])) as unknown as LayerNorms
}

function layerOf(path: string, layers: number): number {
  const block = /^blocks\.(\d+)\./.exec(path)?.[1]
  return block === undefined ? (path.startsWith('embedding') ? 0 : layers + 1) : Number(block) + 1
}

const squares = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, x) => sum + x * x, 0)

/** A weight [in, out] plus scaling · A B, where an adapter stands beside it. */
function withAdapter(path: string, { data, shape }: NDArray, all: Arrays): Float64Array {
  const merged = Float64Array.from(data)
  const place = path.replace(/\.weight$/, '.lora')
  const [a, b] = [all[`${place}.a`], all[`${place}.b`]]
  if (!a || !b) return merged
  const [inputs, outputs] = shape
  const rank = a.shape[1]
  const scaling = all[`${place}.scaling`].data[0]
  for (let i = 0; i < inputs; i++)
    for (let k = 0; k < rank; k++) {
      const factor = scaling * a.data[i * rank + k]
      for (let j = 0; j < outputs; j++) merged[i * outputs + j] += factor * b.data[k * outputs + j]
    }
  return merged
}

/**
 * How uneven the layers are: the largest norm over the median of the blocks'.
 *
 * @example
 * skew([100, 1, 2, 3, 5]) // 50
 */
export function skew(norms: readonly number[]): number {
  const blocks = norms.slice(1, -1).toSorted((a, b) => a - b)
  return Math.max(...norms) / blocks[Math.floor(blocks.length / 2)]
}
