import fc from 'fast-check'
import { expect, test } from 'vitest'
import { onRanks } from '../testing/in-process.ts'
import type { Floats } from './communicator.ts'
import { scratchFor, sumOfLeaves, sumOfRanks } from './tree-sum.ts'

/** The sum of leaves by the tree's definition, an element at a time, in the precision of the array. */
function byDefinition(values: readonly number[], round: (x: number) => number): number {
  if (values.length === 1) return values[0]
  const middle = values.length / 2
  return round(byDefinition(values.slice(0, middle), round) + byDefinition(values.slice(middle), round))
}

/** The sum of leaves shared out over ranks; what each rank has in the end. */
const shared = (leaves: readonly Floats[], ranks: number): Promise<Floats[]> =>
  onRanks(ranks, async (communicator) => {
    const own = leaves.length / ranks
    const levels = Array.from({ length: Math.log2(own) + 1 }, () => [leaves[0].slice()])
    await sumOfLeaves((index, [into]) => into.set(leaves[index]), communicator.rank * own, own, levels)
    await sumOfRanks(communicator, levels[0][0], scratchFor(levels[0][0]))
    return levels[0][0]
  })

const bits = (data: Floats): string => new Uint8Array(data.buffer, data.byteOffset, data.byteLength).join()

const leavesOf = <A extends Floats>(make: (values: number[]) => A, element: fc.Arbitrary<number>) =>
  fc
    .record({ power: fc.integer({ min: 0, max: 4 }), length: fc.integer({ min: 0, max: 37 }) })
    .chain(({ power, length }) =>
      fc.array(fc.array(element, { minLength: length, maxLength: length }).map(make), { minLength: 2 ** power, maxLength: 2 ** power }),
    )

test.each([
  ['float32', leavesOf((values) => Float32Array.from(values), fc.float({ noNaN: true })), Math.fround],
  ['float64', leavesOf((values) => Float64Array.from(values), fc.double({ noNaN: true })), (x: number) => x],
] as const)('%s: the sum is the tree’s, bit for bit, on any number of ranks', async (_, arbitrary, round) => {
  await fc.assert(
    fc.asyncProperty(arbitrary as fc.Arbitrary<Floats[]>, async (leaves) => {
      const expected = leaves[0].map((_, i) =>
        byDefinition(
          leaves.map((leaf) => leaf[i]),
          round,
        ),
      ) as Floats
      for (let ranks = 1; ranks <= leaves.length; ranks *= 2)
        for (const sum of await shared(leaves, ranks)) expect(bits(sum)).toBe(bits(expected))
    }),
    { numRuns: 60 },
  )
})

test('another order gives other bits, so that the tests above can fail', async () => {
  const leaves = [1, 2 ** -24, 2 ** -24, 2 ** -24].map((x) => Float32Array.of(x))
  const [tree] = await shared(leaves, 2)
  const fromLeft = leaves.reduce((sum, [x]) => Math.fround(sum + x), 0)
  expect(tree[0]).toBe(1 + 2 ** -23)
  expect(fromLeft).toBe(1)
})

test('leaves are computed from left to right, each once', async () => {
  const seen: number[] = []
  const levels = Array.from({ length: 4 }, () => [new Float64Array(1)])
  await sumOfLeaves(
    (index, [into]) => {
      seen.push(index)
      into[0] = 2 ** index
    },
    8,
    8,
    levels,
  )
  expect(seen).toEqual([8, 9, 10, 11, 12, 13, 14, 15])
  expect(levels[0][0][0]).toBe(2 ** 16 - 2 ** 8)
})
