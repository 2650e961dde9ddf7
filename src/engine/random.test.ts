import { expect, test } from 'vitest'
import { evaluate, fold, jit, key, random, reference, type Tensor, tensor, vmap } from './index.ts'
import { apply } from './primitives/define.ts'
import { threefryPrimitive } from './primitives/threefry.ts'
import { expectValues } from './testing/values.ts'
import { threefry2x32 } from './threefry.ts'

const numbers = async (x: Tensor): Promise<number[]> => [...(await x.data())]

test('the words in a graph are those of the host, and the published ones', async () => {
  // Random123, tests/kat_vectors. The tag is the counter's second word.
  const published: [number[], number[], number[]][] = [
    [
      [0, 0],
      [0, 0],
      [0x6b200159, 0x99ba4efe],
    ],
    [
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x1cb996fc, 0xbb002be7],
    ],
    [
      [0x13198a2e, 0x03707344],
      [0x243f6a88, 0x85a308d3],
      [0xc4923a9c, 0x483df7a0],
    ],
  ]
  for (const [k, [counter, tag], words] of published) {
    const [y] = apply(threefryPrimitive, [tensor(Uint32Array.from(k)), tensor(Uint32Array.of(counter))], { tag })
    expect([...reference(y)[0].data]).toEqual(words)
    expect(await numbers(y)).toEqual(words)
    expect(threefry2x32(k[0], k[1], counter, tag)).toEqual(words)
  }
})

test('the same key gives the same numbers, bit by bit: host, graph, compiled, mapped', async () => {
  const draw = (k: Tensor) => random.uniform(k, [7])
  const host = reference(draw(key(5)))[0].data
  expect(await numbers(draw(key(5)))).toEqual([...host])
  expect(await numbers(jit(draw)(key(5)))).toEqual([...host])
  const keys = random.split(key(8), 3)
  const stacked = tensor(Uint32Array.from((await Promise.all(keys.map(numbers))).flat()), { shape: [3, 2] })
  const mapped = await numbers(vmap(draw)(stacked))
  const looped = await Promise.all(keys.map((k) => numbers(draw(k))))
  expect(mapped).toEqual(looped.flat())
})

test('keys from different seeds, splits and folds are all different', async () => {
  const keys = [
    ...random.split(key(1), 20),
    ...random.split(key(2), 20),
    ...Array.from({ length: 20 }, (_, n) => fold(key(3), n)),
    ...[1, 2, 3, 2 ** 32 + 1].map(key),
  ]
  await evaluate(keys)
  const words = await Promise.all(keys.map(async (k) => (await numbers(k)).join()))
  expect(new Set(words).size).toBe(keys.length)
})

test('fold takes a number or a counter in the graph', async () => {
  const byNumber = await numbers(fold(key(4), 77))
  expect(await numbers(fold(key(4), tensor(77, { dtype: 'uint32' })))).toEqual(byNumber)
  expect(byNumber).toEqual(threefry2x32(0, 4, 77, 1))
})

test('a seed that is no whole number is refused', () => {
  for (const seed of [-1, 0.5, 2 ** 53, Number.NaN]) expect(() => key(seed)).toThrow(/key: a seed is a whole number/)
})

/** All bounds below are five standard errors wide: a correct generator passes at a fixed seed, and did. */
const count = 20_000
const bound = (deviation: number): number => (5 * deviation) / Math.sqrt(count)
const moment = (x: readonly number[], power: number): number => x.reduce((total, value) => total + value ** power, 0) / x.length

test('uniform numbers lie in range and have the moments of a uniform distribution', async () => {
  for (const seed of [1, 2, 3]) {
    const u = await numbers(random.uniform(key(seed), [count]))
    expect(u.every((value) => value >= 0 && value < 1)).toBe(true)
    expect(Math.abs(moment(u, 1) - 1 / 2)).toBeLessThan(bound(Math.sqrt(1 / 12)))
    expect(Math.abs(moment(u, 2) - 1 / 3)).toBeLessThan(bound(Math.sqrt(4 / 45)))
    // Successive numbers do not correlate.
    const lag = u.slice(1).reduce((total, value, i) => total + (value - 0.5) * (u[i] - 0.5), 0) / count
    expect(Math.abs(lag)).toBeLessThan(bound(1 / 12))
  }
  const shifted = await numbers(random.uniform(key(4), [1000], { low: -3, high: 5 }))
  expect(shifted.every((value) => value >= -3 && value < 5)).toBe(true)
})

test('normal numbers have the moments of a standard normal distribution', async () => {
  for (const [seed, dtype] of [
    [1, 'float32'],
    [2, 'float64'],
  ] as const) {
    const z = await numbers(random.normal(key(seed), [count], { dtype }))
    expect(z.every(Number.isFinite)).toBe(true)
    // The variance of zᵏ is E z²ᵏ − (E zᵏ)²: 1, 2, 15, 96 for k = 1 … 4.
    for (const [power, mean, deviation] of [
      [1, 0, 1],
      [2, 1, Math.sqrt(2)],
      [3, 0, Math.sqrt(15)],
      [4, 3, Math.sqrt(96)],
    ]) {
      expect(Math.abs(moment(z, power) - mean), `moment ${power}`).toBeLessThan(bound(deviation))
    }
  }
})

test('streams of split keys do not correlate', async () => {
  const [a, b] = await Promise.all(random.split(key(9)).map((k) => numbers(random.normal(k, [count]))))
  const correlation = a.reduce((total, value, i) => total + value * b[i], 0) / count
  expect(Math.abs(correlation)).toBeLessThan(bound(1))
})

test('bernoulli and categorical hit their probabilities', async () => {
  const p = 0.3
  const heads = moment(await numbers(random.bernoulli(key(6), p, [count])), 1)
  expect(Math.abs(heads - p)).toBeLessThan(bound(Math.sqrt(p * (1 - p))))
  const probabilities = [0.1, 0.2, 0.7]
  const logits = tensor(Array.from({ length: count }, () => probabilities.map(Math.log)))
  const draws = await numbers(random.categorical(key(7), logits))
  probabilities.forEach((probability, k) => {
    const share = draws.filter((draw) => draw === k).length / count
    expect(Math.abs(share - probability)).toBeLessThan(bound(Math.sqrt(probability * (1 - probability))))
  })
})

test('odd counts, empty and scalar shapes', async () => {
  expect((await numbers(random.uniform(key(1), []))).length).toBe(1)
  expect((await numbers(random.uniform(key(1), [0, 3]))).length).toBe(0)
  const five = await numbers(random.randomBits(key(1), [5]))
  expect(await numbers(random.randomBits(key(1), [6]))).toEqual([...five, threefry2x32(0, 1, 2, 0)[1]])
  await expectValues(random.uniform(key(1), [1], { low: 2, high: 2 }), [2])
})
