import { beforeAll, describe, expect, test } from 'vitest'
import { add, cast, InputError, key, mul, type NDArray, ndarray, neg, sub } from '../../../engine/index.ts'
import type { Denoiser, DiffusionConfig, Estimator } from '../denoiser.ts'
import { denoiserOf, initModel } from '../estimate.ts'
import { gaussian, gaussianMixture } from '../exact/index.ts'
import { perExample } from '../prediction.ts'
import type { ProcessConfig } from '../process.ts'
import { processOf } from '../processes/index.ts'
import type { SampleOptions, SamplerConfig } from '../sampling.ts'
import { sample } from './sample.ts'

const processes = {
  chain: { kind: 'discrete', steps: 200, schedule: 'cosine' },
  vp: { kind: 'vp', betas: [0.1, 20] },
  ve: { kind: 've', sigmas: [0.01, 50] },
  edm: { kind: 'edm', sigmas: [0.005, 50], train: [-1.2, 1.2] },
} satisfies Record<string, ProcessConfig>

const samplers: SamplerConfig[] = [
  { kind: 'ddpm' },
  { kind: 'ddpm', variance: 'large' },
  { kind: 'ddim' },
  { kind: 'ddim', eta: 1 },
  { kind: 'em' },
  { kind: 'ode' },
  { kind: 'heun' },
  { kind: 'heun', churn: { amount: 20, sigmas: [0.05, 40], noise: 1 } },
  { kind: 'rk45', tolerance: 1e-3 },
  { kind: 'pc', snr: 0.1 },
]

const floats = (rows: readonly number[][]): NDArray => ndarray(Float32Array.from(rows.flat()), [rows.length, rows[0].length], 'float32')

/** Mean [d] and covariance [d · d] of rows. */
function moments({ data, shape: [n, d] }: NDArray): { mean: number[]; covariance: number[] } {
  const axes = [...Array(d).keys()]
  const rows = [...Array(n).keys()]
  const mean = axes.map((i) => rows.reduce((sum, row) => sum + data[row * d + i], 0) / n)
  const covariance = axes.flatMap((i) =>
    axes.map((j) => rows.reduce((sum, row) => sum + (data[row * d + i] - mean[i]) * (data[row * d + j] - mean[j]), 0) / (n - 1)),
  )
  return { mean, covariance }
}

const law = { mean: [0.6, -0.4], covariance: [0.5, 0.2, 0.2, 0.3] }

/** The largest difference of a moment, in standard errors of about 1 / √n. */
function distance(x: NDArray): number {
  const found = moments(x)
  const differences = [...found.mean.map((m, i) => m - law.mean[i]), ...found.covariance.map((c, i) => c - law.covariance[i])]
  return Math.max(...differences.map(Math.abs)) * Math.sqrt(x.shape[0])
}

const count = 2048
const run = (denoiser: Denoiser, sampler: SamplerConfig, options: Partial<SampleOptions> = {}) =>
  sample(denoiser, { sampler, count, steps: 100, seed: 5, batch: count, ...options })

const cases = Object.entries(processes).flatMap(([name, config]) => samplers.map((sampler) => [name, sampler, config] as const))

describe('samples of Gaussian data have its moments', () => {
  // 4 standard errors of samples, and what 100 steps leave. Euler's method on evenly spaced ln σ leaves more: it has as many steps as need be.
  test.each(cases)('%s %o', async (name, sampler, config) => {
    const steps = name === 've' && sampler.kind === 'ode' ? 600 : 100
    const { x, notFinite } = await run(gaussian({ process: processOf(config), ...law }), sampler, { steps })
    expect(distance(x)).toBeLessThan(4)
    expect(notFinite).toBe(0)
  })

  /** In σ, where signal is 1, x̂₀ = x − σ·ε̂ becomes x + σ·ε̂. */
  const flipped = (denoiser: Denoiser): Denoiser => {
    const { params, estimate } = denoiser.at(1)
    const wrong: Estimator = (params, x, level) => {
      const { x0, eps, score } = estimate(params, x, level)
      return { x0: sub(mul(x, 2), x0), eps: neg(eps), score: neg(score) }
    }
    const served = { params, estimate: wrong }
    return { ...denoiser, at: () => served }
  }
  test.each(samplers)('but with the sign of the score flipped they do not: %o', async (sampler) => {
    const { x } = await run(flipped(gaussian({ process: processOf(processes.edm), ...law })), sampler, { count: 256, steps: 30 })
    expect(distance(x)).not.toBeLessThan(10)
  })
})

describe('modes of a mixture are met in proportion to their weights', () => {
  const mixture = (config: ProcessConfig) =>
    gaussianMixture({
      process: processOf(config),
      components: [
        { weight: 0.3, mean: [-1.5, 0], covariance: 0.04 },
        { weight: 0.7, mean: [1.5, 0.5], covariance: 0.09 },
      ],
    })
  test.each(cases.filter(([name]) => name === 'chain' || name === 'edm'))('%s %o', async (_, sampler, config) => {
    const { x } = await run(mixture(config), sampler, { steps: 50 })
    const left = Array.from({ length: count }, (_, i) => Number(x.data[2 * i] < 0)).reduce((sum, hit) => sum + hit, 0) / count
    // 4 standard errors are 0.041; 50 steps have an error of their own.
    expect(Math.abs(left - 0.3)).toBeLessThan(0.05)
  })
})

describe('the same bits', () => {
  const config: DiffusionConfig = {
    network: { kind: 'mlp', width: 48, hidden: [48, 48] },
    process: processes.edm,
    predict: 'edm',
    sigmaData: 0.5,
    shape: [70],
    range: [-1, 1],
    classes: 3,
  }
  let denoiser: Denoiser
  beforeAll(() => {
    denoiser = denoiserOf(initModel(config, key(0)))
  })
  const few = (sampler: SamplerConfig, options: Partial<SampleOptions> = {}) =>
    run(denoiser, sampler, { count: 70, steps: 6, labels: Array.from({ length: options.count ?? 70 }, (_, i) => i % 4), ...options })

  const coarse = samplers.map((sampler) => (sampler.kind === 'rk45' ? { ...sampler, tolerance: 0.02 } : sampler))
  test.each(coarse)('for any batch and any number of samples: %o', async (sampler) => {
    const { x } = await few(sampler, { batch: 256 })
    for (const batch of [1, 7]) expect((await few(sampler, { batch })).x.data).toEqual(x.data)
    for (const count of [1, 67]) expect((await few(sampler, { count })).x.data).toEqual(x.data.subarray(0, 70 * count))
    expect((await few(sampler, { seed: 6 })).x.data).not.toEqual(x.data)
  })

  test('a U-turn of the state that was kept ends where the run did', async () => {
    for (const sampler of samplers.filter(({ kind }) => kind !== 'rk45')) {
      const whole = await few(sampler, { keep: [2, 6] })
      expect(whole.kept.get(6)!.data).toEqual(whole.x.data)
      const turned = await few(sampler, { start: { x: whole.kept.get(2)!, time: whole.times[2] } })
      expect(turned.x.data).toEqual(whole.x.data)
      expect(turned.evaluations).toBeLessThan(whole.evaluations)
    }
  })
})

describe('guidance', () => {
  /** Class c is data that are c everywhere; "none" is −1. */
  const served = {
    params: {},
    estimate: ((_, x, level, given) => {
      const label = perExample(mul(add(mul(level.noise, 0), 1), cast(given!.label!, 'float32')), x)
      const x0 = add(mul(x, 0), label)
      const eps = sub(x, x0)
      return { x0, eps, score: neg(eps) }
    }) as Estimator,
  }
  const denoiser: Denoiser = { process: processOf(processes.edm), shape: [3], classes: 5, at: () => served }

  test('is (1 + w) · conditional − w · unconditional, and costs two evaluations', async () => {
    const options = { count: 2, steps: 3, labels: [1, 3] }
    const plain = await run(denoiser, { kind: 'ddim' }, options)
    expect(Array.from(plain.x.data)).toEqual([1, 1, 1, 3, 3, 3])
    const guided = await run(denoiser, { kind: 'ddim' }, { ...options, guidance: 2 })
    expect(Array.from(guided.x.data)).toEqual([3 * 1 - 2 * 5, 3 * 3 - 2 * 5].flatMap((v) => [v, v, v]))
    expect(guided.evaluations).toBe(2 * plain.evaluations)
  })

  test('without labels every sample is of no class', async () =>
    expect((await run(denoiser, { kind: 'ddim' }, { count: 1, steps: 2 })).x.data[0]).toBe(5))
})

describe('estimates are clipped to the range of the data, centre included', () => {
  const exact = gaussian({ process: processOf(processes.edm), mean: [0, 0], covariance: 1 })
  const centre = ndarray(Float32Array.of(0.5, -0.25), [2], 'float32')
  const denoiser: Denoiser = { ...exact, range: [-1, 1], centre }

  test('by default', async () => {
    const { x, clipped } = await run(denoiser, { kind: 'heun' }, { count: 100, steps: 10 })
    expect(Math.max(...x.data.map(Math.abs))).toBeLessThanOrEqual(1 + 1e-6)
    expect(clipped).toBeGreaterThan(20)
  })

  test('but not if that is not wanted, and not where there is no range', async () => {
    const free = await run(denoiser, { kind: 'heun' }, { count: 100, steps: 10, clip: false })
    expect(Math.max(...free.x.data)).toBeGreaterThan(1.5)
    expect(free.clipped).toBe(0)
    const other = await run({ ...exact, centre }, { kind: 'heun' }, { count: 100, steps: 10 })
    expect(other.x.data).toEqual(free.x.data)
  })

  test('what is not finite is counted', async () => {
    const x = floats([
      [0, 0],
      [Number.NaN, 0],
      [0, Number.POSITIVE_INFINITY],
    ])
    for (const sampler of [{ kind: 'ddim' }, { kind: 'rk45' }] as const) {
      const { notFinite } = await run(exact, sampler, { count: 3, steps: 4, start: { x, time: 50 } })
      expect(notFinite).toBe(2)
    }
  })
})

test('rk45 finds the end of the flow that small steps of heun find, with fewer evaluations', async () => {
  const denoiser = gaussianMixture({
    process: processOf(processes.vp),
    components: [
      { mean: [-1, 0], covariance: 0.1 },
      { mean: [1, 0.5], covariance: 0.2 },
    ],
  })
  const fine = await run(denoiser, { kind: 'heun' }, { count: 64, steps: 400 })
  const adaptive = await run(denoiser, { kind: 'rk45' }, { count: 64 })
  const worst = Math.max(...fine.x.data.map((value, i) => Math.abs(value - adaptive.x.data[i])))
  expect(worst).toBeLessThan(2e-3)
  expect(adaptive.evaluations).toBeLessThan(fine.evaluations)
})

describe('a run', () => {
  const denoiser = gaussian({ process: processOf(processes.edm), ...law })

  test('tells of its steps, can be given up, and compiles one graph for all samplers', async () => {
    const told: string[] = []
    await run(denoiser, { kind: 'ddim' }, { count: 600, steps: 2, batch: 256, onStep: (step, steps) => void told.push(`${step}/${steps}`) })
    expect(told).toEqual(['1/6', '2/6', '3/6', '4/6', '5/6', '6/6'])
    await expect(run(denoiser, { kind: 'ddim' }, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
  })

  const base = { count: 2, steps: 4 }
  const x = floats([
    [0, 0],
    [1, 1],
  ])
  test.each<[string, Partial<SampleOptions>, RegExp]>([
    ['no samples', { count: 0 }, /0 samples/],
    ['a batch of half a row', { batch: 0.5 }, /batch 0.5/],
    ['rising times', { times: [1, 2, 0] }, /times fall, but time 2 follows 1/],
    ['a time outside of the process', { times: [900, 1, 0] }, /900/],
    ['a start between times', { start: { x, time: 30 } }, /start at time 30, .*the nearest is/],
    ['a start of another shape', { start: { x: floats([[0, 0]]), time: 50 } }, /start of sampling: float32 \[2, 2\]/],
    ['a state that is never reached', { keep: [5] }, /state 5 .* 0 to 4/],
    ['labels of a model without classes', { labels: [0, 1] }, /no classes/],
    ['guidance to nothing', { guidance: 1 }, /guidance needs labels/],
    ['clipping without a range', { clip: true }, /clip/],
    ['eta 2', { sampler: { kind: 'ddim', eta: 2 } }, /eta is 2/],
    ['snr 0', { sampler: { kind: 'pc', snr: 0 } }, /snr is 0/],
    ['a tolerance below float32', { sampler: { kind: 'rk45', tolerance: 1e-9 } }, /tolerance/],
  ])('%s: one line', async (_, options, message) => {
    const failure = run(denoiser, { kind: 'ddim' }, { ...base, ...options })
    await expect(failure).rejects.toThrow(InputError)
    await expect(failure).rejects.toThrow(message)
  })
})
