import { expect, test } from 'vitest'
import { add, concat, evaluate, key, random, reshape, type Tensor, tensor, transpose, zeros } from '../engine/index.ts'
import { groupNorm, scaledDotProduct, selfAttention, spatialAttention } from './index.ts'

const matrix = (rows: readonly (readonly number[])[]): Tensor => tensor(rows, { dtype: 'float64' })

test('scaled dot product: the weights by hand', async () => {
  // One query that looks at two keys: scores 2 and 0 over √4, so weights e / (e + 1) and 1 / (e + 1).
  const q = matrix([[2, 0, 0, 0]])
  const k = matrix([
    [1, 0, 0, 0],
    [0, 7, 0, 0],
  ])
  const v = matrix([[1], [0]])
  expect(await scaledDotProduct(q, k, v).item()).toBeCloseTo(Math.E / (Math.E + 1), 12)
  const hidden = matrix([[Number.NEGATIVE_INFINITY, 0]])
  expect(await scaledDotProduct(q, k, v, hidden).item()).toBe(0)
})

test('self-attention does not know the order of positions', async () => {
  const attention = selfAttention(8, 2)
  const params = attention.init(key(0))
  const rows = random.split(key(1), 3).map((k) => random.normal(k, [1, 1, 8]))
  const order = [2, 0, 1]
  const [there, back] = [rows, order.map((i) => rows[i])].map((list) => attention.apply(params, concatRows(list)))
  await evaluate([there, back])
  const [a, b] = [await there.data(), await back.data()]
  order.forEach((from, to) => {
    for (let j = 0; j < 8; j++) expect(b[to * 8 + j]).toBeCloseTo(a[from * 8 + j], 5)
  })
})

const concatRows = (rows: readonly Tensor[]): Tensor => concat(rows, { axis: 1 })

test('heads keep their own width; those that do not divide are refused', () => {
  const one = selfAttention(8, 1, { headWidth: 4 })
  expect(one.init(key(0)).qkv.weight.shape).toEqual([12, 8])
  expect(() => selfAttention(8, 3)).toThrow('3 heads do not divide a width of 8')
  expect(() => spatialAttention(8, { heads: 3, groups: 2 })).toThrow('3 heads do not divide 8 channels')
})

test('attention between places is self-attention over them', async () => {
  const spatial = spatialAttention(4, { heads: 2, groups: 2 })
  const params = spatial.init(key(0))
  const x = random.normal(key(1), [2, 4, 3, 2])
  // The same by the layer for sequences: places as positions, after the same norm, without biases of q, k and v.
  const sequence = (y: Tensor) => transpose(reshape(y, [2, 4, 6]), [0, 2, 1])
  const own = selfAttention(4, 2)
  const qkv = { weight: params.qkv.weight, bias: zeros([12]) }
  const normed = groupNorm(4, 2).apply(params.norm, x)
  const twin = add(sequence(x), own.apply({ qkv, projection: params.projection }, sequence(normed)))
  const found = sequence(spatial.apply(params, x))
  await evaluate([twin, found])
  const [a, b] = [await twin.data(), await found.data()]
  b.forEach((value, i) => {
    expect(value).toBeCloseTo(a[i], 5)
  })
})
