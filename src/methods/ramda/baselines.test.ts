import { expect, test } from 'vitest'
import { compileStep, type Tensor, tensor } from '../../engine/index.ts'
import type { Optimizer } from '../../optim/optimizer.ts'
import { proxAdamW } from './prox-adamw.ts'
import { proxSgd } from './prox-sgd.ts'
import { groupLasso, l1, type Regularizer } from './regularizer.ts'

const start = [0.5, -0.25, 1, -1, 0.75, 0.125]
const gradientAt = (step: number): number[] => start.map((_, k) => Math.sin(1.7 * k + step) + 0.3)

/** Runs an optimizer on one 2 × 3 weight and returns where it ends. */
async function run<S>(optimizer: Optimizer<S>, steps: number): Promise<{ weight: number[]; report: Record<string, number> }> {
  const shaped = (values: number[]) => ({ weight: tensor(Float64Array.from(values), { shape: [2, 3] }) })
  const step = compileStep(({ params, state }: { params: { weight: Tensor }; state: S }, gradients: { weight: Tensor }) => {
    const next = optimizer.update({ gradients, state, params })
    return { state: { params: next.params, state: next.state }, output: next.report ?? {} }
  })
  let current = { params: shaped(start), state: optimizer.init(shaped(start)) }
  let report: Record<string, number> = {}
  for (let k = 0; k < steps; k++) {
    const { state, output } = await step(current, shaped(gradientAt(k)))
    current = state
    report = Object.fromEntries(await Promise.all(Object.entries(output).map(async ([name, x]) => [name, await x.item()] as const)))
  }
  return { weight: [...(await current.params.weight.data())], report }
}

const soft = (x: number, t: number): number => Math.sign(x) * Math.max(0, Math.abs(x) - t)

const closeTo = (actual: readonly number[], expected: readonly number[], tolerance = 1e-13): void => {
  for (const [i, x] of actual.entries()) expect(Math.abs(x - expected[i]), `element ${i}`).toBeLessThan(tolerance)
}

const rate = (step: number): number => (step < 3 ? 0.1 : step < 5 ? 0.01 : 0.001)

test('ProxSGD with milestones', async () => {
  const [w, m] = [[...start], start.map(() => 0)]
  for (let k = 0; k < 7; k++) {
    gradientAt(k).forEach((g, i) => {
      m[i] = 0.9 * m[i] + 0.1 * g
      w[i] = soft(w[i] - rate(k) * m[i], rate(k) * 0.8)
    })
  }
  const { weight, report } = await run(proxSgd({ learningRate: 0.1, regularizer: l1(0.8), milestones: [3, 5] }), 7)
  closeTo(weight, w)
  expect(report.pgIterations).toBe(1)
})

/** Adam on plain numbers; the subproblem of one weight is a soft threshold by η λ / D. */
function adam(steps: number, lambda: number, weightDecay = 0): number[] {
  const [w, m, v] = [[...start], start.map(() => 0), start.map(() => 0)]
  for (let k = 0; k < steps; k++) {
    gradientAt(k).forEach((g, i) => {
      m[i] = 0.9 * m[i] + 0.1 * g
      v[i] = 0.999 * v[i] + 0.001 * g * g
      const d = Math.sqrt(v[i] / (1 - 0.999 ** (k + 1))) + 1e-8
      const free = (1 - rate(k) * weightDecay) * w[i] - (rate(k) * m[i]) / (1 - 0.9 ** (k + 1)) / d
      w[i] = soft(free, (rate(k) * lambda) / d)
    })
  }
  return w
}

test.each(['pg', 'exact'] as const)('ProxAdamW on single weights, solver %s', async (solver) => {
  const options = { learningRate: 0.1, regularizer: l1(0.8), milestones: [3, 5], subproblem: { solver } }
  closeTo((await run(proxAdamW(options), 7)).weight, adam(7, 0.8))
})

test('ProxAdamW on groups: PG and the exact solver (ProxSSI) agree', async () => {
  const groups: Regularizer = groupLasso(0.3)
  const options = { learningRate: 0.1, regularizer: groups, weightDecay: 0.1 }
  const pg = await run(proxAdamW({ ...options, subproblem: { minIterations: 500, maxIterations: 500 } }), 6)
  const exact = await run(proxAdamW({ ...options, subproblem: { solver: 'exact' } }), 6)
  closeTo(pg.weight, exact.weight, 1e-9)
  expect(pg.report.pgIterations).toBe(500)
  expect(exact.report.pgIterations).toBeLessThan(26)
})

test('without a regularizer ProxAdamW is AdamW', async () => {
  closeTo((await run(proxAdamW({ learningRate: 0.1, milestones: [3, 5], weightDecay: 0.2 }), 7)).weight, adam(7, 0, 0.2))
})

test.each([
  ['learningRate is -1', () => proxSgd({ learningRate: -1 })],
  ['momentum is 2', () => proxSgd({ learningRate: 1, momentum: 2 })],
  ['betas are 0.9, 1', () => proxAdamW({ learningRate: 1, betas: [0.9, 1] })],
  ['epsilon is -1', () => proxAdamW({ learningRate: 1, epsilon: -1 })],
  ['weightDecay is -1', () => proxAdamW({ learningRate: 1, weightDecay: -1 })],
  ['milestones are 3, 2', () => proxSgd({ learningRate: 1, milestones: [3, 2] })],
])('refused: %s', (message, make) => {
  expect(make).toThrow(message)
})
