import { expect, test } from 'vitest'
import { compileStep, leaves, snapshot, type Tensor, tensor } from '../../engine/index.ts'
import type { Optimizer } from '../../optim/optimizer.ts'
import { type DualAveragingState, type RamdaOptions, ramda, solutionOf } from './ramda.ts'
import { groupLasso, l1, nuclearNorm } from './regularizer.ts'
import { rmda } from './rmda.ts'

interface Params {
  readonly weight: Tensor
  readonly bias: Tensor
}

type DType = 'float32' | 'float64'

const start = (dtype: DType): Params => ({
  weight: tensor(
    [
      [0.5, -0.25, 1],
      [-1, 0.75, 0.125],
    ],
    { dtype },
  ),
  bias: tensor([0.25, -0.5], { dtype }),
})

/** Gradients that change from step to step: those of ½‖W − target‖², and a wave. */
const gradientsAt = (step: number, dtype: DType): Params => {
  const wave = (k: number) => Math.fround(Math.sin(1.7 * k + step) + 0.3)
  return {
    weight: tensor(
      [
        [wave(0), 0.01 * wave(1), wave(2)],
        [wave(3), 0.01 * wave(4), wave(5)],
      ],
      { dtype },
    ),
    bias: tensor([wave(6), wave(7)], { dtype }),
  }
}

/** All steps of a run in one compiled step; what each leaves behind, copied. */
async function run<S>(optimizer: Optimizer<S>, steps: number, { dtype = 'float64' as DType, params = start(dtype) } = {}) {
  const step = compileStep(({ params, state }: { params: Params; state: S }, gradients: Params) => {
    const next = optimizer.update({ gradients, state, params })
    return { state: { params: next.params, state: next.state }, output: next.report ?? {} }
  })
  let current = { params, state: optimizer.init(params) }
  const history: { params: Params; state: S; report: Record<string, Tensor> }[] = []
  for (let k = 0; k < steps; k++) {
    const { state, output } = await step(current, gradientsAt(k, dtype))
    current = state
    history.push({ ...(await snapshot(current)), report: output })
  }
  return history
}

const values = async (x: Tensor): Promise<number[]> => [...(await x.data())]
const all = async (tree: unknown): Promise<number[]> => (await Promise.all((leaves(tree) as Tensor[]).map(values))).flat()

interface Plain {
  lr: number
  c: (step: number) => number
  milestones?: number[]
  shrink?: (x: number, p: number, alpha: number) => number
  dualAveraging?: boolean
  accumulate?: boolean
  restart?: boolean
  scalarP?: boolean
}

/** The method in plain JavaScript, one weight at a time; `shrink` is the solution of the subproblem of one weight. */
async function plain(steps: number, o: Plain): Promise<number[]> {
  const { dualAveraging = true, accumulate = true, restart = true } = o
  const w = await all(start('float64'))
  let anchor = [...w]
  let [v, u] = [w.map(() => 0), w.map(() => 0)]
  let [alpha, t, stage] = [0, 0, 0]
  for (let k = 0; k < steps; k++) {
    const g = await all(gradientsAt(k, 'float64'))
    const lr = o.lr * 0.1 ** stage
    t++
    const s = dualAveraging ? lr * Math.sqrt(t) : lr
    if (!dualAveraging) [anchor, v, alpha] = [[...w], w.map(() => 0), 0]
    alpha += s
    for (let i = 0; i < w.length; i++) {
      v[i] += s * g[i]
      u[i] += s * g[i] ** 2
      const p = o.scalarP ? Math.sqrt(t) : Math.cbrt(u[i]) + 1e-6 * 0.1 ** stage
      const free = anchor[i] - v[i] / p
      const solution = o.shrink && i < 6 ? o.shrink(free, p, accumulate ? alpha : s) : free
      w[i] = (1 - o.c(k)) * w[i] + o.c(k) * solution
    }
    if (o.milestones?.includes(k + 1)) {
      stage++
      if (restart) [anchor, v, u, alpha, t] = [[...w], w.map(() => 0), w.map(() => 0), 0, 0]
    }
  }
  return w
}

const soft = (lambda: number) => (x: number, p: number, alpha: number) => Math.sign(x) * Math.max(0, Math.abs(x) - (alpha * lambda) / p)

const closeTo = (actual: readonly number[], expected: readonly number[], tolerance: number): void => {
  for (const [i, x] of actual.entries()) expect(Math.abs(x - expected[i]), `element ${i}`).toBeLessThan(tolerance)
}

test.each([
  ['float64', 1e-13],
  ['float32', 2e-6],
] as const)('without a regularizer: MADGRAD, in %s', async (dtype, tolerance) => {
  const expected = await plain(8, { lr: 0.05, c: () => 0.3 })
  for (const regularizer of [undefined, groupLasso(0)]) {
    const history = await run(ramda({ learningRate: 0.05, momentum: 0.3, finalRamp: false, regularizer }), 8, { dtype })
    closeTo(await all(history[7].params), expected, tolerance)
  }
})

test('the first step from zero: −η^⅔ sign(g) ∛|g|', async () => {
  const zero = {
    weight: tensor(
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
      { dtype: 'float64' },
    ),
    bias: tensor([0, 0], { dtype: 'float64' }),
  }
  const [{ params }] = await run(ramda({ learningRate: 0.02, momentum: 1, epsilon: 0 }), 1, { params: zero })
  const gradients = await all(gradientsAt(0, 'float64'))
  closeTo(
    await all(params),
    gradients.map((g) => -(0.02 ** (2 / 3)) * Math.cbrt(g)),
    1e-14,
  )
})

test.each(['pg', 'exact'] as const)('ℓ₁ is a soft threshold at every step, solver %s', async (solver) => {
  const options: RamdaOptions = {
    learningRate: 0.05,
    momentum: 0.2,
    regularizer: l1(0.4),
    milestones: [3, 6],
    steps: 10,
    subproblem: { solver },
  }
  const expected = await plain(10, {
    lr: 0.05,
    c: (k) => (k < 6 ? 0.2 : Math.min(0.2 * Math.sqrt(k - 5), 1)),
    milestones: [3, 6],
    shrink: soft(0.4),
  })
  const history = await run(ramda(options), 10)
  closeTo(await all(history[9].params), expected, 1e-12)
})

test('the controls: no dual averaging, regularizer not accumulated, no ramp, no restart', async () => {
  const common = { learningRate: 0.05, momentum: 0.2, regularizer: l1(0.4), milestones: [4], subproblem: { solver: 'exact' } } as const
  const ramp = (k: number) => (k < 4 ? 0.2 : Math.min(0.2 * Math.sqrt(k - 3), 1))
  const cases: [Partial<RamdaOptions>, Partial<Plain>][] = [
    [{ dualAveraging: false }, { dualAveraging: false }],
    [{ accumulateRegularizer: false }, { accumulate: false }],
    [{ finalRamp: false }, { c: () => 0.2 }],
    [{ restart: false }, { restart: false }],
  ]
  for (const [options, changes] of cases) {
    const history = await run(ramda({ ...common, ...options }), 7)
    const expected = await plain(7, { lr: 0.05, c: ramp, milestones: [4], shrink: soft(0.4), ...changes })
    closeTo(await all(history[6].params), expected, 1e-12)
  }
})

test('RMDA is one prox at W₀ − V/√t', async () => {
  const common = { learningRate: 0.1, momentum: 0.2, regularizer: l1(0.2), milestones: [4] }
  const history = await run(rmda(common), 7)
  const c = (k: number) => (k < 4 ? 0.2 : Math.min(0.2 * Math.sqrt(k - 3), 1))
  closeTo(await all(history[6].params), await plain(7, { lr: 0.1, c, milestones: [4], shrink: soft(0.2), scalarP: true }), 1e-13)
})

test('a milestone restarts: α = t = 0 and W₀ = W, bit for bit', async () => {
  for (const make of [ramda, rmda]) {
    const history = await run<DualAveragingState>(make({ learningRate: 0.1, milestones: [3], regularizer: groupLasso(0.1) }), 4, {
      dtype: 'float32',
    })
    const { params, state } = history[2]
    expect(await state.alpha.item()).toBe(0)
    expect(await state.t.item()).toBe(0)
    expect(await state.step.item()).toBe(3)
    expect(await all(state.anchor)).toEqual(await all(params))
    for (const sum of await all([state.gradientSum, state.squareSum])) expect(sum).toBe(0)
    expect(await history[3].state.t.item()).toBe(1)
    expect(await all(history[3].state.anchor)).toEqual(await all(params))
  }
})

test('while c < 1 the iterate is not sparse but the solution is; when c reaches 1 both are the same', async () => {
  const history = await run(ramda({ learningRate: 0.1, momentum: 0.5, milestones: [5], regularizer: groupLasso(0.35) }), 12, {
    dtype: 'float32',
  })
  const column = async (tree: unknown) => (await values((tree as Params).weight)).filter((_, i) => i % 3 === 1)
  expect(await column(solutionOf(history[3].state))).toSatisfy(allZero)
  expect((await column(history[3].params)).every((w) => w !== 0)).toBe(true)
  const last = history[11]
  expect(await column(last.params)).toSatisfy(allZero)
  expect(await all(last.params)).toEqual(await all(solutionOf(last.state)))
  expect(await last.report.zeroGroups.item()).toBeCloseTo((await zeroColumns(last.params.weight)) / 3, 6)
  expect(await last.report.pgIterations.item()).toBeGreaterThanOrEqual(2)
})

/** Zeros of either sign. */
const allZero = (values: readonly number[]): boolean => values.every((value) => value === 0)

const zeroColumns = async (weight: Tensor): Promise<number> => {
  const w = await values(weight)
  return [0, 1, 2].filter((k) => w[k] === 0 && w[k + 3] === 0).length
}

test('the nuclear norm lowers the rank', async () => {
  const history = await run(
    ramda({ learningRate: 0.1, momentum: 1, regularizer: nuclearNorm(5), subproblem: { maxIterations: 5, rtol: 1e-3 } }),
    5,
    { dtype: 'float32' },
  )
  expect(await values(history[4].params.weight)).toSatisfy(allZero)
  expect(await history[4].report.zeroGroups.item()).toBe(1)
})

test.each([
  ['learningRate is 0', { learningRate: 0 }],
  ['momentum is 0', { momentum: 0 }],
  ['momentum is 1.5', { momentum: 1.5 }],
  ['epsilon is -1', { epsilon: -1 }],
  ['lambda is -1', { regularizer: { kind: 'l1', lambda: -1 } }],
  ['maxIterations is 0', { subproblem: { maxIterations: 0 } }],
  ['milestones are 5, 5', { milestones: [5, 5] }],
  ['milestones are 0', { milestones: [0] }],
  ['the milestone 9 is not before the end', { milestones: [9], steps: 9 }],
  ['gamma is 0', { gamma: 0 }],
] as [string, Partial<RamdaOptions>][])('refused: %s', (message, options) => {
  expect(() => ramda({ learningRate: 0.1, ...options })).toThrow(message)
})
