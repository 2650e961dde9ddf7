import { describe, expect, test } from 'vitest'
import { type NDArray, ndarray } from '../../engine/index.ts'
import { llamaConfig, parameterCount } from '../../kits/lm/config.ts'
import { deltaOf, truncated } from './delta.ts'
import { layerNorms, skew } from './layer-norms.ts'
import { predictedRatio } from './speed-unit.ts'
import { parseMethod } from './verb-memory-plan.ts'

const array = (data: readonly number[], shape: readonly number[]): NDArray => ndarray(Float32Array.from(data), shape, 'float32')

const product = async ({ a, b }: Awaited<ReturnType<typeof truncated>>['lora']) => {
  const [x, y] = [(await a.array()) as number[][], (await b.array()) as number[][]]
  return x.map((row) => y[0].map((_, j) => row.reduce((sum, value, k) => sum + value * y[k][j], 0)))
}

describe('what tuning changed', () => {
  const base = { w: array([1, 2], [2]), same: array([5], [1]) }

  test('is the difference, of what changed alone', () => {
    const delta = deltaOf({ w: array([1, 4], [2]), same: array([5], [1]) }, base)
    expect(Object.keys(delta)).toEqual(['w'])
    expect([...delta.w.data]).toEqual([0, 2])
    expect(() => deltaOf({ w: array([1], [1]) }, base)).toThrow("'w' is [1] in one model and [2] in the other")
  })

  test('a change of rank one is a LoRA of rank one; diag(3, 4) loses the smaller value, 3 of 5', async () => {
    const outer = truncated(array([1, 2, 3, 2, 4, 6], [2, 3]), 1)
    expect(outer.error).toBeLessThan(1e-6)
    const found = (await product(outer.lora)).flat()
    for (const [i, value] of [1, 2, 3, 2, 4, 6].entries()) expect(found[i]).toBeCloseTo(value, 5)
    expect(truncated(array([3, 0, 0, 4], [2, 2]), 1).error).toBeCloseTo(0.6, 6)
    expect(truncated(array([3, 0, 0, 4], [2, 2]), 9).error).toBe(0)
  })
})

test('norms of layers under the three definitions, by hand', () => {
  const start = {
    'embedding.tokens': array([3, 4], [2, 1]),
    'blocks.0.network.up.weight': array([1, 0], [1, 2]),
    'norm.gain': array([1], [1]),
  }
  const now = {
    ...start,
    'embedding.tokens': array([3, 4 + 2], [2, 1]),
    'blocks.0.network.up.lora.a': array([2], [1, 1]),
    'blocks.0.network.up.lora.b': array([1, 1.5], [1, 2]),
    'blocks.0.network.up.lora.scaling': array([2], []),
  }
  const { weights, update, adapter } = layerNorms(now, start, 1)
  // Merged: [1, 0] + 2 · 2 · [1, 1.5] = [5, 6].
  expect(weights[1]).toBeCloseTo(Math.hypot(5, 6), 6)
  const rounded = (norms: readonly number[]) => norms.map((norm) => Number(norm.toPrecision(12)))
  expect(rounded(update)).toEqual(rounded([2, Math.hypot(4, 6), 0]))
  expect(rounded(adapter)).toEqual(rounded([0, Math.hypot(2, 1, 1.5), 0]))
  expect(skew([100, 1, 2, 3, 5])).toBe(50)
})

test('the cost model has the figure that was worked out for width 256: 0.80', () => {
  const speed = { width: 256, layers: 6, warmup: 0, steps: 1, batch: 16, context: 128 }
  expect(predictedRatio({ speed, activeLayers: 2 })).toBeCloseTo(0.8, 1)
  expect(predictedRatio({ speed, activeLayers: 6 })).toBe(1)
  expect(parameterCount(llamaConfig({ width: 256, layers: 6, heads: 8, hidden: 688 }))).toBeGreaterThan(4e6)
})

test('methods of a memory plan by name', () => {
  expect(parseMethod('lisa:2')).toEqual({ kind: 'lisa', activeLayers: 2 })
  expect(parseMethod('lora-ends:8')).toEqual({ kind: 'lora', rank: 8, targets: 'all', embeddings: true })
  expect(() => parseMethod('lisa')).toThrow("'lisa' has no whole number behind the colon")
  expect(() => parseMethod('adapter:3')).toThrow("there is no method 'adapter:3'")
})
