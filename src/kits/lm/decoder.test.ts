import { describe, expect, test } from 'vitest'
import { concat, key, leaves, random, slice, type Tensor, tensor } from '../../engine/index.ts'
import { parameterCount } from './config.ts'
import { extend, forward, logitsOf } from './decoder.ts'
import { initDecoder } from './init.ts'
import { languageLoss } from './loss.ts'
import { families, stirred } from './testing/families.ts'

/** Ids below 40, the same for the same seed. */
async function idsOf(seed: number, shape: [number, number]): Promise<Tensor> {
  const draws = await random.uniform(key(seed), shape).data()
  return tensor(
    Int32Array.from(draws, (u) => Math.floor(40 * u)),
    { shape, dtype: 'int32' },
  )
}

const largest = async (a: Tensor, b: Tensor) => {
  const [x, y] = [await a.data(), await b.data()]
  return Array.from(x).reduce((worst, value, i) => Math.max(worst, Math.abs(value - y[i])), 0)
}

describe.each(Object.entries(families))('%s', (_, config) => {
  const params = stirred(config)

  test('has the numbers that its config counts', () => {
    const count = leaves(initDecoder(config, key(0))).reduce((sum: number, x) => sum + (x as Tensor).shape.reduce((a, b) => a * b, 1), 0)
    expect(count).toBe(parameterCount(config))
  })

  test('prefill and step by step with kept keys give the logits of the whole, rows of unlike length', async () => {
    const ids = await idsOf(1, [2, 12])
    const whole = forward(config, params, { ids })
    // Row 0 goes on after 9 tokens, row 1 after 6: the keys of what stands to the right of a row's text do not count.
    const first = extend(config, params, slice(ids, { axis: 1, end: 9 }))
    const lengths = [9, 6]
    const kept = await Promise.all(
      first.layers.map(async ({ keys, values }) => ({
        keys: padded(await keys.ndarray(), 16),
        values: padded(await values.ndarray(), 16),
      })),
    )
    for (let step = 0; step < 3; step++) {
      const next = tensor(Int32Array.from(await Promise.all(lengths.map(async (length, row) => (await ids.data())[row * 12 + length]))), {
        shape: [2, 1],
        dtype: 'int32',
      })
      const past = {
        layers: kept.map(({ keys, values }) => ({
          keys: tensor(keys.data.slice(), { shape: keys.shape }),
          values: tensor(values.data.slice(), { shape: values.shape }),
        })),
        lengths: tensor(lengths, { dtype: 'int32' }),
      }
      const { top, layers } = extend(config, params, next, past)
      const logits = await logitsOf(config, params, top).data()
      for (const [row, length] of lengths.entries()) {
        const expected = (await whole.data()).subarray((row * 12 + length) * 40, (row * 12 + length + 1) * 40)
        for (let v = 0; v < 40; v++) expect(Math.abs(logits[row * 40 + v] - expected[v])).toBeLessThan(1e-4)
      }
      for (const [i, layer] of layers.entries()) {
        await put(kept[i].keys, layer.keys, lengths)
        await put(kept[i].values, layer.values, lengths)
      }
      for (const row of lengths.keys()) lengths[row]++
    }
  })

  test('padding on the left changes nothing where positions say so', async () => {
    const ids = await idsOf(2, [1, 7])
    const alone = forward(config, params, { ids })
    const pad = await idsOf(5, [1, 4])
    const batch = {
      ids: concat([pad, ids], { axis: 1 }),
      segments: tensor([[0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1]], { dtype: 'int32' }),
      positions: tensor([[0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6]], { dtype: 'int32' }),
    }
    expect(await largest(slice(forward(config, params, batch), { axis: 1, start: 4 }), alone)).toBeLessThan(1e-5)
  })

  test('a later token changes no earlier logit, exactly', async () => {
    const ids = await idsOf(4, [1, 10])
    const other = tensor(
      Int32Array.from(await ids.data(), (id, i) => (i === 7 ? (id + 1) % 40 : id)),
      { shape: [1, 10], dtype: 'int32' },
    )
    const [a, b] = [ids, other].map((x) => forward(config, params, { ids: x }))
    expect(await largest(slice(a, { axis: 1, end: 7 }), slice(b, { axis: 1, end: 7 }))).toBe(0)
    expect(await largest(slice(a, { axis: 1, start: 7 }), slice(b, { axis: 1, start: 7 }))).toBeGreaterThan(1e-3)
  })

  test('an untrained model knows nothing: log V', async () => {
    const ids = await idsOf(8, [4, 16])
    const loss = await languageLoss(forward(config, initDecoder(config, key(0)), { ids }), await idsOf(9, [4, 16])).item()
    expect(Math.abs(loss / Math.log(40) - 1)).toBeLessThan(0.02)
  })
})

function padded({ data, shape }: { data: ArrayLike<number>; shape: readonly number[] }, slots: number) {
  const [n, g, t, w] = shape
  const out = new Float32Array(n * g * slots * w)
  for (let row = 0; row < n * g; row++) out.set(Array.prototype.slice.call(data, row * t * w, (row + 1) * t * w), row * slots * w)
  return { data: out, shape: [n, g, slots, w] }
}

async function put(into: { data: Float32Array; shape: number[] }, layer: Tensor, lengths: number[]) {
  const [n, g, slots, w] = into.shape
  const data = await layer.data()
  for (let row = 0; row < n; row++)
    for (let head = 0; head < g; head++)
      for (let k = 0; k < w; k++) into.data[((row * g + head) * slots + lengths[row]) * w + k] = data[(row * g + head) * w + k]
}
