import { describe, expect, test } from 'vitest'
import {
  concat,
  full,
  grad,
  InputError,
  key,
  mean,
  mul,
  type NDArray,
  ndarray,
  random,
  sum,
  type Tensor,
  tensor,
} from '../../engine/index.ts'
import type { Denoiser, DiffusionConfig } from './denoiser.ts'
import { denoiserOf, modelNetwork } from './estimate.ts'
import { gaussian } from './exact/index.ts'
import { errorsOf, hybridErrorsOf } from './loss.ts'
import type { Network } from './network.ts'
import { outputsOf } from './prediction.ts'
import { processOf } from './processes/index.ts'
import { sample } from './samplers/index.ts'
import { diffusionTrainer } from './trainer.ts'
import { boundOf, logLevelProbability, reverseStep } from './variational.ts'

const process = processOf({ kind: 'discrete', steps: 20, schedule: 'linear', betas: [0.01, 0.3] })
const range = [-1, 1] as const

describe('the probability of a level', () => {
  test('sums to 1 over the 256 of an image, whatever the normal', async () => {
    const levels = Float32Array.from({ length: 256 }, (_, i) => -1 + i / 127.5)
    for (const [at, logVariance] of [
      [0, -2],
      [0.3, -9],
      [1.4, -3],
      [-0.999, -7],
    ]) {
      const logs = logLevelProbability(tensor(levels), full([256], at), full([256], logVariance), range)
      const total = Array.from(await logs.data()).reduce((all, each) => all + Math.exp(each), 0)
      expect(total).toBeCloseTo(1, 4)
    }
  })
})

/** The bound's term of one element, in nats. */
async function nats(t: number, x0: number, estimate: number, share: number): Promise<number> {
  const { least, most, gain, last } = reverseStep(process, t)
  const row = (value: number) => full([1], value)
  const element = (value: number) => full([1, 1], value)
  const step = { least: row(least), most: row(most), gain: row(gain), last: row(last) }
  const terms = { x0: element(x0), estimate: element(estimate), varianceShare: element(share), step, range }
  return (await boundOf(terms).item()) * Math.LN2
}

describe('the variational bound', () => {
  test('is the divergence of two normals, integrated', async () => {
    for (const [t, x0, estimate, share] of [
      [2, 0.3, 0.25, 0.5],
      [7, -0.8, 0.1, 0.2],
      [20, 0.5, -0.9, 1.1],
    ]) {
      // Ho et al. 2020, equation 7, from the chain's own β.
      const beta = 0.01 + ((0.3 - 0.01) * (t - 1)) / 19
      const [now, before] = [process.at(t), process.at(t - 1)]
      const small = (beta * before.noise ** 2) / now.noise ** 2
      const variance = Math.exp(share * Math.log(beta) + (1 - share) * Math.log(small))
      const gap = ((before.signal * beta) / now.noise ** 2) * (x0 - estimate)
      const log = (x: number, mean: number, of: number) => -0.5 * ((x - mean) ** 2 / of + Math.log(2 * Math.PI * of))
      const [width, n] = [10 * Math.sqrt(small), 20_000]
      let integral = 0
      for (let i = 0; i < n; i++) {
        const x = width * ((2 * (i + 0.5)) / n - 1)
        integral += Math.exp(log(x, 0, small)) * (log(x, 0, small) - log(x, gap, variance)) * ((2 * width) / n)
      }
      expect(await nats(t, x0, estimate, share)).toBeCloseTo(integral, 4)
    }
  })

  test('is least at β for data of unit variance, and at β̃ for data that are one point (Ho et al. 2020, section 3.2)', async () => {
    const shares = [-0.2, 0, 0.2, 0.5, 0.8, 1, 1.2]
    const best = (values: readonly number[]) => shares[values.indexOf(Math.min(...values))]
    for (const t of [2, 5, 12]) {
      // Given x_t the data are normal around their estimate, with variance 1 − ᾱ: two points have the same second moment.
      const deviation = process.at(t).noise
      const ofNormal = await Promise.all(
        shares.map(async (share) => 0.5 * ((await nats(t, deviation, 0, share)) + (await nats(t, -deviation, 0, share)))),
      )
      expect(best(ofNormal)).toBe(1)
      expect(best(await Promise.all(shares.map((share) => nats(t, 0.4, 0.4, share))))).toBe(0)
    }
  })
})

const configOf = (own: Partial<DiffusionConfig> = {}): DiffusionConfig => ({
  network: { kind: 'mlp', width: 16, hidden: [16], embedding: 16 },
  process: process.config,
  predict: 'eps',
  shape: [2],
  range: [-5, 5],
  variance: 'learned',
  ...own,
})

describe('the hybrid loss', () => {
  test('teaches the mean by the simple error alone, the variance by the bound', async () => {
    const config = configOf()
    /** Gives its parameters. */
    const network: Network<{ mean: Tensor; v: Tensor }> = {
      init: () => ({ mean: tensor([[0.3, -0.2]]), v: tensor([[0.1, -0.4]]) }),
      apply: (params) => concat([params.mean, params.v], { axis: 1 }),
    }
    const t = 6
    const { signal, noise, condition } = process.at(t)
    const row = (value: number) => full([1], value)
    const { least, most, gain, last } = reverseStep(process, t)
    const batch = {
      x0: tensor([[0.5, -1]]),
      eps: tensor([[1, 0.2]]),
      level: { signal: row(signal), noise: row(noise), condition: row(condition) },
      step: { least: row(least), most: row(most), gain: row(gain), last: row(last) },
      weight: row(1),
    }
    const params = network.init(key(0))
    type P = typeof params
    const simple = grad((p: P) => mean(errorsOf(config, network, p, batch)))(params)
    const hybrid = grad((p: P) => mean(hybridErrorsOf(config, network, p, batch, {})))(params)
    const whole = grad((p: P) => mean(hybridErrorsOf(config, network, p, batch, { weighting: 'vlb' })))(params)
    expect(await hybrid.mean.array()).toEqual(await simple.mean.array())
    expect(Math.abs(await sum(simple.v).item())).toBe(0)
    const ofBound = (await whole.v.data()).map((value) => 0.001 * value)
    for (const [i, value] of (await hybrid.v.data()).entries()) expect(value).toBeCloseTo(ofBound[i], 8)
    expect(ofBound[0]).not.toBe(0)
    // All of the bound's gradient moves the mean too.
    expect(await whole.mean.array()).not.toEqual(await simple.mean.array())
  })

  test('a network learns β of unit normal data, and β̃ of a single point', async () => {
    const normal = await mul(random.normal(key(1), [2000, 2]), 1).ndarray()
    const clipped = ndarray(
      (normal.data as Float32Array).map((value) => Math.max(-4.9, Math.min(4.9, value))),
      [2000, 2],
      'float32',
    )
    expect(await learnedShare(clipped)).toBeGreaterThan(0.75)
    expect(await learnedShare(ndarray(new Float32Array(64).fill(0.5), [32, 2], 'float32'))).toBeLessThan(0.4)
  })
})

/** The mean share of the variance after a training, at a step at which β̃ is two thirds of β. */
async function learnedShare(x: NDArray): Promise<number> {
  const config = configOf({ skip: true })
  const trainer = diffusionTrainer(config, { steps: 300, batch: 64, learningRate: 0.01, ema: 0.9 }, { x }, 0)
  let state = trainer.start()
  for (let k = 0; k < 300; k++) state = (await trainer.step(state, k)).state
  const { signal, noise, condition } = process.at(4)
  const row = (value: number) => full([64], value)
  const noisy = mul(random.normal(key(5), [64, 2]), Math.hypot(signal, noise))
  const level = { signal: row(signal), noise: row(noise), condition: row(condition) }
  return mean(outputsOf(config, modelNetwork(config), state.ema, noisy, level).varianceShare!).item()
}

describe('sampling by a learned variance', () => {
  /** A closed form whose variance lies at a share. */
  const withShare = (share: number): Denoiser => {
    const exact = gaussian({ process, mean: [0.5, -0.5], covariance: 0.3 })
    const { params, estimate } = exact.at(1)
    const serving = {
      params,
      estimate: ((p, x, level) => ({ ...estimate(p, x, level), varianceShare: full(x.shape, share) })) as typeof estimate,
    }
    return { ...exact, variance: 'learned', at: () => serving }
  }
  const drawn = async (share: number, variance: 'small' | 'large' | 'learned') =>
    (await sample(withShare(share), { sampler: { kind: 'ddpm', variance }, count: 8, steps: 10, seed: 3 })).x.data

  test('is that by β̃ at a share of 0, by β at 1, and neither between', async () => {
    const close = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).every((value, i) => Math.abs(value - b[i]) < 1e-5)
    expect(close(await drawn(0, 'learned'), await drawn(0, 'small'))).toBe(true)
    expect(close(await drawn(1, 'learned'), await drawn(1, 'large'))).toBe(true)
    expect(close(await drawn(0.5, 'learned'), await drawn(0.5, 'small'))).toBe(false)
    expect(close(await drawn(0.5, 'learned'), await drawn(0.5, 'large'))).toBe(false)
  })

  test('what has none is refused', async () => {
    const fixed = denoiserOf({
      config: configOf({ variance: undefined }),
      params: modelNetwork(configOf({ variance: undefined })).init(key(0)),
    })
    await expect(sample(fixed, { sampler: { kind: 'ddpm', variance: 'learned' }, count: 1, steps: 2, seed: 0 })).rejects.toThrow(
      "the model's variance is not learned",
    )
    const x = ndarray(new Float32Array(8), [4, 2], 'float32')
    const train =
      (own: Partial<DiffusionConfig>, recipe = {}, centre?: NDArray) =>
      () =>
        diffusionTrainer(configOf(own), { steps: 1, batch: 2, learningRate: 0.1, ...recipe }, { x, centre }, 0)
    expect(train({ process: { kind: 'vp', betas: [0.1, 20] } })).toThrow(/learned of a chain of two steps/)
    expect(train({ process: { kind: 'discrete', steps: 1, schedule: 'linear' } })).toThrow(/of two steps or more/)
    expect(train({ range: undefined })).toThrow(/needs the range of the data/)
    expect(train({ variance: undefined }, { weighting: 'vlb' })).toThrow(/is of a model whose variance is learned/)
    expect(train({}, {}, ndarray(new Float32Array(2), [2], 'float32'))).toThrow(InputError)
  })
})
