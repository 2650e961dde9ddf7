import { expect, test } from 'vitest'
import { simplify } from '../compile/simplify.ts'
import { trace } from '../graph/trace.ts'
import {
  add,
  type CheckpointPolicy,
  checkpoint,
  checkpointName,
  evaluate,
  grad,
  jit,
  matmul,
  mul,
  reference,
  reshape,
  scan,
  sin,
  square,
  sum,
  type Tensor,
  tanh,
  vmap,
  zeros,
} from '../index.ts'
import { memoryPeak } from '../inspect/cost.ts'
import { exact, expectValues } from '../testing/values.ts'

/** The most bytes of computed values that are alive at once, executing the compiled graph in its order; arguments and results not counted. */
function peakBytes(fn: (...args: never[]) => unknown, args: unknown[]): number {
  const { parameters, outputs } = trace(fn, args)
  return memoryPeak({ parameters, outputs: simplify(outputs) }).intermediate
}

const batch = 64
const width = 4
const activation = batch * width * 4

/** A layer with four activations inside. */
const layer = (x: Tensor, w: Tensor): Tensor => sin(tanh(matmul(checkpointName(sin(tanh(matmul(x, w))), 'middle'), w)))
const network = (policy: CheckpointPolicy) => (weights: Tensor[], x: Tensor) =>
  sum(square(weights.reduce((h, w) => checkpoint(layer, { policy })(h, w), x)))
const gradientPeak = (depth: number, policy: CheckpointPolicy) =>
  peakBytes(grad(network(policy)), [Array.from({ length: depth }, () => zeros([width, width])), zeros([batch, width])]) / activation

test('the peak of memory grows with depth by what the policy keeps of a layer', () => {
  const growth = (policy: CheckpointPolicy) => (gradientPeak(24, policy) - gradientPeak(8, policy)) / 16
  // Without checkpoints a layer keeps what its derivatives need: two products' successors, tanh and sin of both halves.
  const everything = growth('everything')
  expect(everything).toBeGreaterThanOrEqual(4)
  // A checkpointed layer keeps its input alone.
  expect(growth('nothing')).toBeCloseTo(1, 6)
  expect(growth({ names: ['middle'] })).toBeCloseTo(2, 6)
  expect(growth({ primitives: ['matmul'] })).toBeCloseTo(3, 6)
  expect(gradientPeak(24, 'nothing')).toBeLessThan(gradientPeak(24, 'everything') / 2)
})

test('checkpoints of checkpoints: memory like the root of the depth', () => {
  const section = checkpoint((weights: Tensor[], x: Tensor) => weights.reduce((h, w) => checkpoint(layer)(h, w), x))
  const nested = (weights: Tensor[], x: Tensor) => {
    const parts = Array.from({ length: 4 }, (_, k) => weights.slice(4 * k, 4 * k + 4))
    return sum(square(parts.reduce((h, part) => section(part, h), x)))
  }
  const args = [Array.from({ length: 16 }, () => zeros([width, width])), zeros([batch, width])]
  const flat = gradientPeak(16, 'nothing')
  expect(peakBytes(grad(nested), args) / activation).toBeLessThanOrEqual(flat - 6)
})

test('gradients do not change, compiled, nested and mapped', async () => {
  const weights = [1, 2, 3].map((k) =>
    mul(
      exact([
        [0.5, -0.2],
        [0.1, 0.4],
      ]),
      1 / k,
    ),
  )
  const x = exact([
    [1, 2],
    [3, 4],
    [-1, 0.5],
  ])
  const results = (policy: CheckpointPolicy) => {
    const f = network(policy)
    return [
      grad(f)(weights, x),
      jit(grad(f))(weights, x),
      vmap(grad(f), { in: [null, 0] })(weights, reshape(x, [3, 1, 2])),
      grad((w: Tensor[]) => sum(square(grad(f)(w, x)[0])))(weights),
    ].flat()
  }
  const expected = reference(results('everything'))
  for (const policy of ['nothing', { primitives: ['matmul'] }, { names: ['middle'] }] as const) {
    const actual = results(policy)
    await evaluate(actual)
    for (const [i, y] of actual.entries()) await expectValues(y, [...expected[i].data], 1e-12)
  }
})

test('NaN and infinity in a cotangent open the barrier like any number', async () => {
  const f = (x: Tensor) => sum(checkpoint((y: Tensor) => square(sin(y)))(x))
  const scaled = (x: Tensor) => mul(f(x), Number.POSITIVE_INFINITY)
  expect(await grad(scaled)(exact([1])).item()).toBe(Number.POSITIVE_INFINITY)
})

test('a scan may compute each step again, written out or not', async () => {
  const run = (options: { unroll?: number; checkpoint?: boolean }) => (x: Tensor) =>
    sum(scan((c: Tensor, y: Tensor) => ({ carry: sin(add(c, y)), output: c }), exact(0.3), x, options).outputs)
  const x = exact([1, 2, 3])
  const [expected] = reference(grad(run({}))(x))
  await expectValues(grad(run({ checkpoint: true }))(x), [...expected.data])
  await expectValues(grad(run({ checkpoint: true, unroll: 0 }))(x), [...expected.data])
})

test('an unknown policy is refused', () => {
  expect(() => checkpoint(layer, { policy: 'some' as never })).toThrow(
    /^checkpoint: there is no policy 'some'; use 'nothing', 'everything'/,
  )
})
