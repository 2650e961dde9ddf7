import { type Tensor, zeros } from '../../engine/index.ts'
import type { Findings, Series, UnitContext } from '../../experiment/index.ts'
import { sgd } from '../../optim/index.ts'
import { projected } from './baselines.ts'
import type { Config } from './config.ts'
import { follow, type Procedure } from './follow.ts'
import { minimumOnBall, type Quadratic, quadraticLoss, quadraticProblem, spectrumOf } from './quadratic.ts'
import { procedureOf } from './rules.ts'
import { meanCosine } from './shrunken-ball.ts'

const dimension = 30

/** Steps of one call of the runtime. */
const chunk = 1000

/** Steps whose gaps are compared: the slope between them, and the gap at the last. */
const early = 1000

type Loss = Procedure<Tensor>['loss']

export async function quadraticUnit({ config, seed, progress }: UnitContext<Config, unknown>): Promise<Findings> {
  const { steps, ...radii } = config.quadratic
  const radius = config.variant === 'slack' ? radii.slack : config.set === 'l1' ? radii.l1 : radii.l2
  const problem = await quadraticProblem(seed)
  const { least, predicted, slack } = await optimum(problem, config, radius)
  const constraints = { kind: config.set, radius } as const
  const procedure = procedureOf<Tensor>(config, { constraints, seed }, quadraticLoss as Loss)
  const losses = await lossesAlong(procedure, problem, steps, progress)
  const gaps = losses.map((loss) => loss - least)
  const last = gaps.length - 1
  const from = Math.min(early, Math.floor(last / 10))
  return {
    measurements: {
      gap: gaps[last],
      relativeGap: gaps[last] / gaps[0],
      // Without a known place to stall at there is nothing to compare with.
      stalled: slack ? Number.NaN : gaps[last] / predicted,
      slope: slack ? Number.NaN : (Math.log10(gaps[last]) - Math.log10(gaps[from])) / (Math.log10(last) - Math.log10(from)),
      fittedSlope: slack ? Number.NaN : fittedSlope(gaps, from),
      predicted,
    },
    series: { gap: onLogAxis(gaps) },
    items: { iterates: iteratesOf(gaps) },
  }
}

/** f after 0, 1, … steps from the origin. */
async function lossesAlong(
  procedure: Procedure<Tensor>,
  problem: Quadratic,
  steps: number,
  progress: (done: number, total: number) => Promise<void>,
): Promise<Float64Array> {
  const losses = new Float64Array(steps + 1)
  const { params } = await follow(procedure, {
    start: zeros([dimension], 'float64'),
    steps,
    chunk,
    shared: problem,
    onChunk: async (done, chunkLosses) => {
      losses.set(chunkLosses, done - chunkLosses.length)
      await progress(done, steps)
    },
  })
  losses[steps] = await quadraticLoss(params, problem).item()
  return losses
}

interface Optimum {
  /** f at the minimum over the set. */
  readonly least: number
  /** The gap at which Frank-Wolfe without averaging stalls; not a number where nothing predicts it. */
  readonly predicted: number
  /** Whether the optimum without constraint lies in the set: the gradient, and with it the noise, vanishes there, and all methods look fine. */
  readonly slack: boolean
}

async function optimum(problem: Quadratic, { set }: Config, radius: number): Promise<Optimum> {
  if (set !== 'l2') return { least: await minimumOnL1(problem, radius), predicted: Number.NaN, slack: false }
  const spectrum = await spectrumOf(problem)
  const { value, multiplier } = minimumOnBall(spectrum, radius)
  return { least: value, predicted: minimumOnBall(spectrum, radius * meanCosine(dimension)).value - value, slack: multiplier === 0 }
}

/** Projected gradients converge linearly on a strongly convex function: 1,000 steps of 1/L with L ≈ 2 reach the last digit. */
async function minimumOnL1(problem: Quadratic, radius: number): Promise<number> {
  const descent = projected(sgd({ learningRate: 0.5 }), { kind: 'l1', radius })
  const procedure: Procedure<Tensor> = { loss: quadraticLoss as Loss, optimizer: () => descent as never }
  return (await lossesAlong(procedure, problem, 1000, async () => {})).at(-1)!
}

/** The exponent of the power of k that fits the gaps from step `from` on best, by least squares in the logarithms of points equally spaced in log k. */
function fittedSlope(gaps: Float64Array, from: number): number {
  const { x, y } = onLogAxis(gaps)
  const points = x.flatMap((k, i) => (k >= from && y[i] > 0 ? [[Math.log(k), Math.log(y[i])]] : []))
  const [mx, my] = [0, 1].map((axis) => points.reduce((total, point) => total + point[axis], 0) / points.length)
  const spread = points.reduce((total, [a]) => total + (a - mx) ** 2, 0)
  return points.reduce((total, [a, b]) => total + (a - mx) * (b - my), 0) / spread
}

/** The first gap and those on the logarithmic axis, to the last. */
function iteratesOf(gaps: Float64Array) {
  const { x, y } = onLogAxis(gaps)
  return { step: [0, ...x], gap: [gaps[0], ...y] }
}

/** Some 100 of the gaps, equally spaced in log k. */
function onLogAxis(gaps: Float64Array): Series {
  const last = gaps.length - 1
  const x = [...new Set(Array.from({ length: 121 }, (_, i) => Math.round(last ** (i / 120))))].filter((k) => k >= 1)
  return { x, y: x.map((k) => gaps[k]) }
}
