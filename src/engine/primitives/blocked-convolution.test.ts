import { describe, expect, test } from 'vitest'
import { lowerGraph } from '../compile/lower.ts'
import { simplify } from '../compile/simplify.ts'
import { trace } from '../graph/trace.ts'
import { conv, evaluate, grad, relu, type Tensor, tensor } from '../index.ts'
import { reference } from '../reference/evaluate.ts'
import { blockedDomain } from '../runtime/blocked.ts'
import { getRuntime } from '../runtime/runtime.ts'
import { curved, expectAllClose, spread } from '../testing/checks.ts'

const numbers = (shape: readonly number[], phase: number): Tensor =>
  tensor(
    Float32Array.from(
      spread(
        shape.reduce((a, b) => a * b, 1),
        { low: -1, high: 1 },
        phase,
      ),
    ),
    { shape },
  )

type Options = Parameters<typeof conv>[2]
const cases: [string, number[], number[], Options][] = [
  ['same extents', [2, 16, 5, 4], [32, 16, 3, 3], { padding: 1 }],
  ['1×1', [3, 32, 3, 3], [16, 32, 1, 1], {}],
  ['strided', [2, 16, 7, 6], [16, 16, 3, 3], { stride: 2, padding: 1 }],
  ['dilated, without padding', [1, 16, 7, 6], [16, 16, 3, 2], { dilation: 2 }],
  ['inputs that are no whole blocks', [2, 3, 5, 5], [16, 3, 3, 3], { padding: 1 }],
  ['outputs that are no whole blocks', [2, 16, 5, 5], [2, 16, 3, 3], { padding: 1 }],
]

describe.each(cases)('%s', (_, x, kernel, options) => {
  const inputs = [numbers(x, 0.2), numbers(kernel, 0.7)]

  test('values and gradients are those of the reference', async () => {
    const apply = (...[a, b]: Tensor[]) => [conv(a, b, options)]
    const computed = () => [...apply(...inputs), ...grad((all: Tensor[]) => curved(apply)(all))(inputs)]
    const expected = reference(computed())
    const results = await evaluate(computed())
    // Sums of 144 products and more in float32.
    expectAllClose(
      await Promise.all(results.map((y) => y.ndarray())),
      expected.map((array) => ({ ...array, dtype: 'float32' as const })),
      2e-5,
    )
  })
})

const lowered = (fn: (...xs: never[]) => Tensor, args: readonly Tensor[], options: object) => {
  const traced = trace(fn, args)
  const graph = { parameters: traced.parameters, outputs: simplify(traced.outputs) }
  const names = graph.parameters.map((_, i) => `in${i}`)
  return lowerGraph(graph, names, ['out'], options).nodes.map(({ type, domain }) => (domain === blockedDomain ? `blocked ${type}` : type))
}

describe('which operators convolve', () => {
  const [x, kernel] = [numbers([1, 16, 4, 4], 0.1), numbers([16, 16, 3, 3], 0.3)]
  const once = (a: Tensor, b: Tensor) => conv(a, b, { padding: 1 })

  test('blocks where the runtime has them, the standard’s for others', () => {
    expect(lowered(once, [x, kernel], { channelBlock: 16 })).toContain('blocked Conv')
    for (const options of [{}, { channelBlock: 32 }, { channelBlock: 16, portable: true }])
      expect(lowered(once, [x, kernel], options)).toEqual(['Conv'])
  })

  test('what is in blocks already is not put there again', () => {
    const twice = (a: Tensor, b: Tensor) => once(once(a, b), b)
    const count = (types: string[]) => types.filter((type) => type.startsWith('blocked Reorder')).length
    expect(count(lowered(twice, [x, kernel], { channelBlock: 16 }))).toBe(2)
    // Between them stands an operation that knows no blocks.
    expect(count(lowered((a: Tensor, b: Tensor) => once(relu(once(a, b)), b), [x, kernel], { channelBlock: 16 }))).toBe(4)
  })

  test('a runtime on the processor says how many channels lie together, if it has such a layout', async () => {
    const { channelBlock } = await getRuntime()
    expect([undefined, 8, 16]).toContain(channelBlock)
  })
})
