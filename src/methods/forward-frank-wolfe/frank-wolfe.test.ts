import { expect, test } from 'vitest'
import {
  evaluate,
  grad,
  key,
  leavesWithPaths,
  mul,
  type NDArray,
  ndarray,
  norm,
  random,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '../../engine/index.ts'
import { type Optimizer, sgd } from '../../optim/index.ts'
import { trainStep } from '../../train/index.ts'
import { projected } from './baselines.ts'
import { keyedDirections } from './directions.ts'
import { follow, type Procedure } from './follow.ts'
import { forwardFrankWolfe } from './forward-frank-wolfe.ts'
import { withForwardGradients } from './forward-gradients.ts'
import { type FrankWolfeOptions, frankWolfe } from './frank-wolfe.ts'
import { frankWolfeGap } from './gap.ts'
import { type ConstraintSet, linearMinimization } from './lmo.ts'
import { minimumOnBall, quadraticLoss, quadraticProblem, spectrumOf } from './quadratic.ts'
import { meanCosine } from './shrunken-ball.ts'

const target = [3, -2, 0.5]
const ball: ConstraintSet = { kind: 'l1', radius: 2 }

/** f(w) = Σ (i + 1)(w_i − target_i)². */
const bowl = (w: Tensor): Tensor => sum(mul(square(sub(w, tensor(Float64Array.from(target)))), tensor(Float64Array.of(1, 2, 3))))
const bowlGradient = (w: readonly number[]) => w.map((value, i) => 2 * (i + 1) * (value - target[i]))

/** Iterates of an optimizer on a function, with exact gradients unless it has others. */
async function iterates(
  optimizer: Optimizer<unknown>,
  steps: number,
  f = bowl,
  start: Tensor = zeros([3], 'float64'),
): Promise<number[][]> {
  let [params, state] = [start, optimizer.init(start)] as [Tensor, unknown]
  const visited: number[][] = []
  for (let k = 0; k < steps; k++) {
    const gradients = optimizer.differentiate?.(f, { params, state }).gradient ?? grad(f)(params)
    ;({ params, state } = await evaluate(optimizer.update({ gradients, state, params })))
    visited.push([...(await params.data())])
  }
  return visited
}

const wolfe = (options: Partial<FrankWolfeOptions>) => frankWolfe({ constraints: ball, ...options }) as Optimizer<unknown>

test.each([
  ['mokhtari', 'mokhtari', (k: number) => Math.min(1, 4 / (k + 8) ** (2 / 3))],
  ['power', { power: 0.8 }, (k: number) => (k + 1) ** -0.8],
  ['momentum', { momentum: 0.9 }, (k: number) => (k === 0 ? 1 : 0.1)],
  ['none', 'none', () => 1],
] as const)('averaging %s follows its recursion', async (_, averaging, r) => {
  const visited = await iterates(wolfe({ averaging }), 12)
  let [w, d] = [
    [0, 0, 0],
    [0, 0, 0],
  ]
  visited.forEach((actual, k) => {
    const g = bowlGradient(w)
    d = d.map((old, i) => (1 - r(k)) * old + r(k) * g[i])
    const best = d.reduce((at, value, i) => (Math.abs(value) > Math.abs(d[at]) ? i : at), 0)
    const s = d.map((value, i) => (i === best ? -2 * Math.sign(value) : 0))
    w = w.map((value, i) => value + (2 / (k + 2)) * (s[i] - value))
    actual.forEach((value, i) => {
      expect(value).toBeCloseTo(w[i], 12)
    })
  })
})

test('step sizes: a warm start shifts the classic ones; a function gives them; the short step never climbs', async () => {
  const first = async (stepSize: FrankWolfeOptions['stepSize']) => (await iterates(wolfe({ averaging: 'none', stepSize }), 1))[0]
  // The gradient at 0 is (−6, 8, −3): the vertex is (0, −2, 0).
  expect((await first('classic'))[1]).toBeCloseTo(-2, 12)
  expect((await first({ warmStart: 18 }))[1]).toBeCloseTo(-0.2, 12)
  expect((await first(0.25))[1]).toBeCloseTo(-0.5, 12)
  expect((await first(() => tensor(7, { dtype: 'float64' })))[1]).toBeCloseTo(-2, 12)
  const visited = await iterates(wolfe({ averaging: 'none', stepSize: { smoothness: 6 } }), 60)
  const values = await Promise.all(visited.map((w) => bowl(tensor(Float64Array.from(w))).item()))
  values.slice(1).forEach((value, k) => {
    expect(value).toBeLessThanOrEqual(values[k] + 1e-12)
  })
})

test('the gap bounds the distance to the minimum, and every iterate is feasible', async () => {
  const visited = await iterates(wolfe({ averaging: 'none' }), 100)
  // The minimum over the ℓ1 ball of radius 2, by projected gradient steps.
  const best = (await iterates(projected(sgd({ learningRate: 0.1 }), ball) as Optimizer<unknown>, 100)).at(-1)!
  const least = await bowl(tensor(Float64Array.from(best))).item()
  for (const k of [0, 1, 5, 50, 99]) {
    const w = tensor(Float64Array.from(visited[k]))
    const excess = (await bowl(w).item()) - least
    const gap = await frankWolfeGap(bowl, w, ball).item()
    expect(gap).toBeGreaterThanOrEqual(excess - 1e-9)
    expect(visited[k].reduce((total, value) => total + Math.abs(value), 0)).toBeLessThanOrEqual(2 + 1e-6)
  }
  expect(await frankWolfeGap(bowl, tensor(Float64Array.from(best)), ball).item()).toBeLessThan(1e-6)
})

test('averaging with r = 1 is no averaging; a large ball and small steps are normalized descent', async () => {
  const options = { constraints: { kind: 'l2', radius: 3 } as const, seed: 4 }
  const naive = await iterates(forwardFrankWolfe({ ...options, averaging: 'none' }) as Optimizer<unknown>, 8)
  const one = await iterates(forwardFrankWolfe({ ...options, averaging: { momentum: 0 } }) as Optimizer<unknown>, 8)
  one.forEach((w, k) => {
    w.forEach((value, i) => {
      expect(value).toBeCloseTo(naive[k][i], 12)
    })
  })
  const [far] = await iterates(wolfe({ constraints: { kind: 'l2', radius: 1e6 }, averaging: 'none', stepSize: 1e-9 }), 1)
  const g = bowlGradient([0, 0, 0])
  far.forEach((value, i) => {
    expect(value).toBeCloseTo((-1e-3 * g[i]) / Math.hypot(...g), 9)
  })
})

test('forward gradients can be handed to any optimizer', async () => {
  const rate = 1e-3
  const descent = withForwardGradients(sgd({ learningRate: rate }), { seed: 2 }) as Optimizer<unknown>
  const [w] = await iterates(descent, 1)
  const { gradient } = descent.differentiate!(bowl, { params: zeros([3], 'float64'), state: descent.init(zeros([3], 'float64')) })
  const g = await (gradient as Tensor).data()
  w.forEach((value, i) => {
    // The learning rate is a float32.
    expect(value / (-rate * g[i])).toBeCloseTo(1, 6)
  })
})

test('the state holds the average, the key and two counters, and no direction', async () => {
  const params = { w: zeros([50, 4]), b: zeros([4]) }
  const state = forwardFrankWolfe({ constraints: { kind: 'l2', radius: 1 } }).init(params)
  expect(leavesWithPaths(state).map(([path, x]) => `${path} [${(x as Tensor).shape}]`)).toEqual([
    'key [2]',
    'step []',
    'inner.step []',
    'inner.average.w [50,4]',
    'inner.average.b [4]',
  ])
  expect(leavesWithPaths(forwardFrankWolfe({ constraints: ball, averaging: 'none' }).init(params))).toHaveLength(3)
})

test('many steps as one graph are what the training step does one at a time', async () => {
  const problem = await quadraticProblem(3, { rows: 20, columns: 6 })
  const optimizer = forwardFrankWolfe({
    constraints: { kind: 'l2', radius: 1 },
    averaging: { power: 0.8 },
    directions: 2,
    seed: 5,
  }) as Optimizer
  const train = trainStep<{ x: Tensor }, { a: NDArray; b: NDArray }>(({ x }, batch) => quadraticLoss(x, batch), optimizer)
  const batch = { a: await problem.a.ndarray(), b: await problem.b.ndarray() }
  let state = train.init({ x: zeros([6], 'float64') })
  const losses: number[] = []
  for (let k = 0; k < 40; k++) {
    const next = await train(state, batch)
    losses.push(next.loss)
    state = { params: next.params, optimizer: next.optimizer }
  }
  const procedure: Procedure<{ x: Tensor }> = {
    loss: ({ x }, shared) => quadraticLoss(x, shared),
    optimizer: (estimation) =>
      forwardFrankWolfe(
        { constraints: { kind: 'l2', radius: 1 }, averaging: { power: 0.8 }, directions: 2, seed: 5 },
        estimation,
      ) as Optimizer,
    directionsAt: (k, params) => keyedDirections(k, params, { count: 2 }),
  }
  const found: number[] = []
  const options = { start: { x: zeros([6], 'float64') }, steps: 40, chunk: 25, shared: problem }
  await follow(procedure, { ...options, onChunk: async (_, chunk) => void found.push(...Array.from(chunk)) })
  expect(found).toHaveLength(40)
  found.forEach((value, k) => {
    expect(value).toBeCloseTo(losses[k], 10)
  })
})

test('c_d is the mean cosine: closed forms in 1, 2 and 3 dimensions, the values of the literature, the ratio of Gamma functions', () => {
  expect(meanCosine(1)).toBe(1)
  expect(meanCosine(2)).toBeCloseTo(2 / Math.PI, 14)
  expect(meanCosine(3)).toBeCloseTo(1 / 2, 14)
  expect(meanCosine(30)).toBeCloseTo(0.1469, 4)
  expect(meanCosine(650)).toBeCloseTo(0.0313, 4)
  expect(meanCosine(7850)).toBeCloseTo(0.009, 4)
  for (const d of [99, 100, 1001]) expect(meanCosine(d) / Math.sqrt(2 / (Math.PI * d))).toBeCloseTo(1 + 1 / (4 * d), 4)
})

test('the oracle’s mean answer to a forward gradient is that of a ball c_d times as large', async () => {
  const d = 8
  const g = random.normal(key(1), [d], { dtype: 'float64' })
  const { solve } = linearMinimization({ kind: 'l2', radius: 1 }, [d])
  const u = random.normal(key(2), [40_000, d], { dtype: 'float64' })
  const slopes = (await sum(mul(u, g), { axes: 1 }).data()) as Float64Array
  const unit = await solve(g).data()
  const rows = await u.data()
  let along = 0
  for (let i = 0; i < slopes.length; i++) {
    const row = rows.subarray(i * d, (i + 1) * d)
    const size = Math.hypot(...row)
    for (let j = 0; j < d; j++) along += ((-Math.sign(slopes[i]) * row[j]) / size) * unit[j]
  }
  expect(along / slopes.length).toBeCloseTo(meanCosine(d), 2)
})

test('the minimum on a ball solves the secular equation: the norm is R, and no random feasible point is lower', async () => {
  const problem = await quadraticProblem(1, { rows: 40, columns: 5 })
  const spectrum = await spectrumOf(problem)
  const { value, norm: length, multiplier } = minimumOnBall(spectrum, 1)
  expect(length).toBeCloseTo(1, 12)
  expect(multiplier).toBeGreaterThan(0)
  const { project } = linearMinimization({ kind: 'l2', radius: 1 }, [5])
  const procedure: Procedure<Tensor> = {
    loss: quadraticLoss,
    optimizer: () => projected(sgd({ learningRate: 0.3 }), { kind: 'l2', radius: 1 }) as Optimizer,
  }
  const { params } = await follow(procedure, {
    start: project(zeros([5], 'float64')),
    steps: 500,
    chunk: 250,
    shared: problem,
    onChunk: async () => {},
  })
  expect(await quadraticLoss(params, problem).item()).toBeCloseTo(value, 12)
  const slack = minimumOnBall(spectrum, 100)
  expect(slack.multiplier).toBe(0)
  expect(slack.norm).toBeLessThan(4)
  expect(await norm(params).item()).toBeCloseTo(1, 10)
})

test('a loss that is not finite stops training, and the state given is as feasible as before', async () => {
  const train = trainStep<{ w: Tensor }, { x: NDArray }>(
    ({ w }, { x }) => sum(mul(w, x)),
    forwardFrankWolfe({ constraints: { kind: 'l2', radius: 1 } }) as Optimizer,
  )
  const good = { x: ndarray(Float32Array.of(1, 2), [2], 'float32') }
  const bad = { x: ndarray(Float32Array.of(1, Number.NaN), [2], 'float32') }
  const { params, optimizer } = await train(train.init({ w: zeros([2]) }), good)
  await expect(train({ params, optimizer }, bad)).rejects.toThrow("batch 'x' holds NaN at element 1")
  expect(await norm(params.w).item()).toBeLessThanOrEqual(1 + 1e-6)
})

test.each<[RegExp, () => unknown]>([
  [/averaging\.power is 0/, () => wolfe({ averaging: { power: 0 } })],
  [/averaging\.momentum is 1/, () => wolfe({ averaging: { momentum: 1 } })],
  [/there is no averaging 'all'/, () => wolfe({ averaging: 'all' as 'none' })],
  [/stepSize is 1\.5/, () => wolfe({ stepSize: 1.5 })],
  [/there is no step size 'long'/, () => wolfe({ stepSize: 'long' as 'classic' })],
  [/stepSize\.smoothness is 0/, () => wolfe({ stepSize: { smoothness: 0 } })],
  [/directions is 0/, () => forwardFrankWolfe({ constraints: ball, directions: 0 })],
  [/a control variate needs an average/, () => forwardFrankWolfe({ constraints: ball, averaging: 'none', controlVariate: true })],
  [
    /l1 takes the first ones/,
    () => forwardFrankWolfe({ constraints: ball, averaging: 'none', distribution: 'rademacher' }).init(zeros([3])),
  ],
])('refused: %s', (message, make) => {
  expect(make).toThrow(message)
})
