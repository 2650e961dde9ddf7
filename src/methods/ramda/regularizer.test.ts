import { expect, test } from 'vitest'
import { fromArray, ndarray, tensor } from '../../engine/index.ts'
import { checkedRegularizer, groupLasso, l1, nuclearNorm, planLeaf, prox, value } from './regularizer.ts'
import { singularValues } from './svd.ts'

const random = (length: number, seed: number): Float64Array => {
  let state = seed >>> 0
  return Float64Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state / 2 ** 32) * 2 - 1
  })
}

const matrix = (data: Float64Array, shape: readonly number[]) => fromArray(ndarray(data, shape, 'float64'))

const distance = (a: ArrayLike<number>, b: ArrayLike<number>) => Math.hypot(...Array.from(a, (x, i) => x - b[i]))

test('groups of linear and convolution weights', () => {
  const by = (rule: 'input' | 'output' | 'none', shape: number[]) => planLeaf(groupLasso(2, { by: rule }), 'layers.0.weight', shape)
  expect(by('input', [3, 5])).toEqual({ kind: 'groups', axes: [0], groups: 5, groupSize: 3, weight: 2 * Math.sqrt(3) })
  expect(by('output', [3, 5])).toMatchObject({ axes: [1], groups: 3, groupSize: 5 })
  expect(by('input', [4, 3, 2, 2])).toMatchObject({ axes: [0, 2, 3], groups: 3, groupSize: 16, weight: 8 })
  expect(by('output', [4, 3, 2, 2])).toMatchObject({ axes: [1, 2, 3], groups: 4, groupSize: 12 })
  expect(by('none', [3, 5])).toMatchObject({ axes: [], groups: 15, groupSize: 1, weight: 2 })
  expect(planLeaf(groupLasso(2, { reweight: false }), 'weight', [3, 5])).toMatchObject({ weight: 2 })
  expect(planLeaf(nuclearNorm(2), 'weight', [4, 3, 2, 2])).toEqual({ kind: 'nuclear', rows: 4, columns: 12, groups: 4, weight: 2 })
})

test.each(['bias', 'layers.0.bias', 'norm.scale', 'token.embedding', 'weights'])('%s is left alone', (path) => {
  expect(planLeaf(groupLasso(1), path, [3, 5])).toBeNull()
})

test('a rule of the user chooses tensors and axes', () => {
  const rule = (path: string) => (path === 'head' ? [1] : null)
  expect(planLeaf(groupLasso(1, { by: rule }), 'head', [3, 5])).toMatchObject({ groups: 3 })
  expect(planLeaf(groupLasso(1, { by: rule }), 'layers.0.weight', [3, 5])).toBeNull()
})

test('value and prox of the group LASSO, by hand', async () => {
  const params = {
    weight: tensor([
      [3, 0.1],
      [4, 0],
    ]),
    bias: tensor([7, 7]),
  }
  const regularizer = groupLasso(1)
  expect(await value(regularizer, params).item()).toBeCloseTo(Math.SQRT2 * 5.1, 6)
  const { weight, bias } = prox(regularizer, params, 1)
  const factor = 1 - Math.SQRT2 / 5
  expect(await weight.array()).toEqual([
    [Math.fround(3 * factor), 0].map((x) => expect.closeTo(x, 6)),
    [Math.fround(4 * factor), 0].map((x) => expect.closeTo(x, 6)),
  ])
  expect(await bias.array()).toEqual([7, 7])
})

test('prox(0) = 0, and a group exactly at the threshold is zero', async () => {
  const zero = prox(
    groupLasso(1),
    {
      weight: tensor([
        [0, 1],
        [0, 1],
      ]),
    },
    1,
  ).weight
  expect(await zero.array()).toEqual([
    [0, 0],
    [0, 0],
  ])
  expect(await prox(groupLasso(0), { weight: tensor([[0], [0]]) }, 1).weight.array()).toEqual([[0], [0]])
})

test.each([groupLasso(0.3), l1(0.2), nuclearNorm(0.3)])('the prox of $kind is nonexpansive', async (regularizer) => {
  for (let seed = 1; seed <= 5; seed++) {
    const [a, b] = [random(30, seed), random(30, seed + 100)]
    const apply = async (x: Float64Array) => await prox(regularizer, { weight: matrix(x, [5, 6]) }, 1.5).weight.data()
    expect(distance(await apply(a), await apply(b))).toBeLessThanOrEqual(distance(a, b) + 1e-12)
  }
})

test('the nuclear prox lowers each singular value and keeps its directions', async () => {
  const [m, n] = [9, 6]
  const [left, right] = [random(m * 3, 5), random(3 * n, 6)]
  const x = Float64Array.from({ length: m * n }, (_, i) =>
    [0, 1, 2].reduce((sum, k) => sum + left[Math.floor(i / n) * 3 + k] * right[k * n + (i % n)], 0),
  )
  const before = singularValues(x, m, n)
  const threshold = (before[1] + before[2]) / 2
  const shrunk = Float64Array.from(await prox(nuclearNorm(threshold), { weight: matrix(x, [m, n]) }, 1).weight.data())
  const after = singularValues(shrunk, m, n)
  expect(after[0]).toBeCloseTo(before[0] - threshold, 12)
  expect(after[1]).toBeCloseTo(before[1] - threshold, 12)
  expect(after[2]).toBeLessThan(1e-13)
  // X − prox is a subgradient: ⟨X − prox, prox⟩ = τ ‖prox‖∗.
  const overlap = x.reduce((sum, xi, i) => sum + (xi - shrunk[i]) * shrunk[i], 0)
  expect(overlap).toBeCloseTo(threshold * (after[0] + after[1]), 12)
  expect(await value(nuclearNorm(2), { weight: matrix(x, [m, n]) }).item()).toBeCloseTo(2 * (before[0] + before[1] + before[2]), 12)
})

test('a zero matrix', async () => {
  expect([...singularValues(new Float64Array(6), 2, 3)]).toEqual([0, 0])
  expect(await prox(nuclearNorm(1), { weight: tensor([[0, 0]]) }, 1).weight.array()).toEqual([[0, 0]])
})

test.each([
  ['lambda is -1', () => groupLasso(-1)],
  ['lambda is NaN', () => l1(Number.NaN)],
  ["unknown regularizer 'l2'", () => checkedRegularizer({ kind: 'l2' as never, lambda: 1 })],
  ["unknown group rule 'rows'", () => groupLasso(1, { by: 'rows' as never })],
  ['no group axis 2 in shape [3,5]', () => planLeaf(groupLasso(1, { by: () => [2] }), 'w', [3, 5])],
  ['no group axis 0 in shape [3,5]', () => planLeaf(groupLasso(1, { by: () => [0, 0] }), 'w', [3, 5])],
  ['has no groups', () => planLeaf(groupLasso(1), 'norm.weight', [3])],
  ['is not a matrix', () => planLeaf(nuclearNorm(1), 'norm.weight', [3])],
])('refused: %s', (message, make) => {
  expect(make).toThrow(message)
})
