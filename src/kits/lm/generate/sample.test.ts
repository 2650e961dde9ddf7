import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { candidatesOf, choose, draw, largestOf, penalised, uniformAt } from './sample.ts'

const logitsOf = (size = 12) =>
  fc.array(
    fc.integer({ min: -80, max: 80 }).map((x) => x / 10),
    { minLength: 1, maxLength: size },
  )

/** softmax in the plainest form. */
function probabilities(logits: readonly number[], temperature: number): number[] {
  const powers = logits.map((x) => Math.exp(x / temperature))
  const total = powers.reduce((a, b) => a + b, 0)
  return powers.map((x) => x / total)
}

/** The fewest tokens whose mass is at least p, by trying all subsets. */
function fewest(p: readonly number[], mass: number): number {
  let least = p.length
  for (let subset = 1; subset < 2 ** p.length; subset++) {
    const chosen = p.filter((_, i) => subset & (1 << i))
    if (chosen.length < least && chosen.reduce((a, b) => a + b, 0) >= mass) least = chosen.length
  }
  return least
}

describe('the candidates', () => {
  test('of top-p are the fewest with that mass, found by trying all subsets', () => {
    fc.assert(
      fc.property(
        logitsOf(10),
        fc.double({ min: 0.05, max: 0.999, noNaN: true }),
        fc.constantFrom(0.5, 1, 2),
        (logits, topP, temperature) => {
          const p = probabilities(logits, temperature)
          const count = fewest(p, topP)
          // Where a sum lies within rounding of p, either number is right.
          fc.pre(fewest(p, topP - 1e-9) === count && fewest(p, topP + 1e-9) === count)
          const { ids = [...p.keys()] } = candidatesOf(logits, { temperature, topP })
          expect(ids.length).toBe(count)
          const left = p.filter((_, id) => !ids.includes(id))
          expect(Math.min(...ids.map((id) => p[id]))).toBeGreaterThanOrEqual(Math.max(0, ...left) - 1e-12)
        },
      ),
    )
  })

  test('of top-k are the k largest, of both the nucleus of these', () => {
    fc.assert(
      fc.property(logitsOf(), fc.integer({ min: 1, max: 12 }), (logits, topK) => {
        const sorted = [...logits.keys()].sort((a, b) => logits[b] - logits[a] || a - b)
        const { ids } = candidatesOf(logits, { topK })
        if (ids) expect(ids).toEqual(sorted.slice(0, topK))
        else expect(topK).toBeGreaterThanOrEqual(logits.length)
      }),
    )
    const logits = [0.5, 0.3, 0.15, 0.05].map(Math.log)
    // Of the two most probable, the first has 0.625.
    expect(candidatesOf(logits, { topK: 2, topP: 0.6 }).ids).toEqual([0])
    expect(candidatesOf(logits, { topK: 2, topP: 0.63 }).ids).toEqual([0, 1])
    expect(candidatesOf(logits, { topP: 1e-9 }).ids).toEqual([0])
  })
})

/** χ² of draws against probabilities; with k − 1 degrees of freedom it exceeds these bounds once in 10,000 times. */
const bounds: Record<number, number> = { 3: 21.1, 2: 18.4 }
function chiSquared(options: Parameters<typeof candidatesOf>[1], expected: readonly number[]): number {
  const logits = [0.5, 0.3, 0.15, 0.05].map(Math.log)
  const draws = 20_000
  const counts = new Array(4).fill(0)
  for (let step = 0; step < draws; step++) counts[draw(candidatesOf(logits, options), uniformAt(7, 2, step))]++
  return expected.reduce(
    (sum, p, i) => (p === 0 ? sum + (counts[i] > 0 ? Number.POSITIVE_INFINITY : 0) : sum + (counts[i] - draws * p) ** 2 / (draws * p)),
    0,
  )
}

describe('draws', () => {
  test('follow the distribution', () => {
    expect(chiSquared({}, [0.5, 0.3, 0.15, 0.05])).toBeLessThan(bounds[3])
    // Temperature 2 takes square roots.
    const roots = [0.5, 0.3, 0.15, 0.05].map(Math.sqrt)
    const total = roots.reduce((a, b) => a + b, 0)
    expect(
      chiSquared(
        { temperature: 2 },
        roots.map((x) => x / total),
      ),
    ).toBeLessThan(bounds[3])
    expect(chiSquared({ topK: 3 }, [0.5 / 0.95, 0.3 / 0.95, 0.15 / 0.95, 0])).toBeLessThan(bounds[2])
  })

  test('the check can fail', () => {
    expect(chiSquared({ temperature: 1.2 }, [0.5, 0.3, 0.15, 0.05])).toBeGreaterThan(100)
    expect(chiSquared({}, [0.5 / 0.95, 0.3 / 0.95, 0.15 / 0.95, 0])).toBe(Number.POSITIVE_INFINITY)
  })

  test('depend on seed, row and step alone, and on each', () => {
    expect(uniformAt(2 ** 40 + 3, 4, 5)).toBe(uniformAt(2 ** 40 + 3, 4, 5))
    const all = [uniformAt(3, 4, 5), uniformAt(2 ** 40 + 3, 4, 5), uniformAt(3, 5, 4), uniformAt(4, 4, 5), uniformAt(3, 4, 6)]
    expect(new Set(all).size).toBe(5)
    expect(draw({ ids: [7, 9], masses: Float64Array.of(1, 0) }, 1 - 2 ** -53)).toBe(7)
  })
})

test('the penalty makes what was seen less probable, whatever its sign', () => {
  const logits = Float32Array.of(2, -2, 1, 3)
  expect([...penalised(logits, [0, 1], 2)]).toEqual([1, -4, 1, 3])
  expect(choose(logits, 3, [3], { repetitionPenalty: 2 }, { row: 0, step: 0 })).toBe(0)
})

test('the largest values in order, smaller ids first among equals', () => {
  expect(largestOf([1, 5, 5, 2, 5], 4)).toEqual([1, 2, 4, 3])
  expect(largestOf([1, 2], 5)).toEqual([1, 0])
})
