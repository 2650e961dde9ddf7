import { describe, expect, test } from 'vitest'
import {
  add,
  div,
  evaluate,
  fromArray,
  grad,
  key,
  mean,
  mul,
  ndarray,
  neg,
  random,
  scalar,
  sqrt,
  square,
  sub,
  type Tensor,
} from '../../engine/index.ts'
import { inCoordinatesOf } from './coordinates.ts'
import type { Denoiser, DiffusionConfig, LevelTensors, Prediction } from './denoiser.ts'
import { denoisingLoss } from './denoising-loss.ts'
import { estimatorOf } from './estimate.ts'
import { gaussian } from './exact/index.ts'
import { errorsOf, weightOf } from './loss.ts'
import type { Network } from './network.ts'
import { clipped, estimateFrom, perExample, targetOf } from './prediction.ts'
import type { ProcessConfig } from './process.ts'
import { processOf } from './processes/index.ts'

const mlp = { kind: 'mlp', width: 4, hidden: [4] } as const
const vp: ProcessConfig = { kind: 'vp', betas: [0.1, 20] }
const configOf = (predict: Prediction, process: ProcessConfig = vp, skip = false): DiffusionConfig => ({
  network: mlp,
  process,
  predict,
  skip,
  sigmaData: 0.7,
  shape: [2],
})
const levels = (process: ProcessConfig, shares: readonly number[]): LevelTensors => {
  const all = shares.map((share) => processOf(process).at(processOf(process).atShare(share)))
  const row = (of: (level: (typeof all)[number]) => number) => fromArray(ndarray(Float32Array.from(all, of), [all.length], 'float32'))
  return { signal: row(({ signal }) => signal), noise: row(({ noise }) => noise), condition: row(({ condition }) => condition) }
}
const numbers = async (x: Tensor): Promise<number[]> => Array.from(await x.data())
const expectClose = (actual: readonly number[], expected: readonly number[], tolerance: number) => {
  for (const [i, value] of expected.entries())
    expect(Math.abs(actual[i] - value), `${i}: ${actual[i]} for ${value}`).toBeLessThan(tolerance * Math.max(1, Math.abs(value)))
}

describe('predictions', () => {
  const processes: readonly ProcessConfig[] = [
    vp,
    { kind: 'subVp', betas: [0.1, 20] },
    { kind: 'edm', sigmas: [0.01, 20], train: [-1.2, 1.2] },
    { kind: 'discrete', steps: 200, schedule: 'cosine' },
  ]
  const shares = [0.2, 0.5, 0.8]
  const x0 = fromArray(ndarray(Float32Array.of(0.3, -0.9, 1.2, 0.1, -0.5, 0.6), [3, 2], 'float32'))
  const eps = fromArray(ndarray(Float32Array.of(1.1, 0.4, -0.7, -1.6, 0.2, 2), [3, 2], 'float32'))

  test.each(processes.flatMap((process) => (['eps', 'x0', 'v', 'score', 'edm'] as const).map((predict) => ({ process, predict }))))(
    'a perfect $predict gives the data, the noise and the score back ($process.kind)',
    async ({ process, predict }) => {
      const level = levels(process, shares)
      const [signal, noise] = [perExample(level.signal, x0), perExample(level.noise, x0)]
      const x = add(mul(signal, x0), mul(noise, eps))
      const config = configOf(predict, process)
      const found = estimateFrom(config, targetOf(config, x0, eps, level), x, level)
      expectClose(await numbers(found.x0), await numbers(x0), 2e-4)
      expectClose(await numbers(found.eps), await numbers(eps), 2e-4)
      expectClose(await numbers(found.score), await numbers(neg(div(eps, noise))), 2e-4)
    },
  )

  test('v and the preconditioning are those of the papers', async () => {
    const level = levels(vp, shares)
    const [signal, noise] = [perExample(level.signal, x0), perExample(level.noise, x0)]
    expectClose(await numbers(targetOf(configOf('v'), x0, eps, level)), await numbers(sub(mul(signal, eps), mul(noise, x0))), 1e-6)
    // Karras et al., table 1: D = c_skip x + c_out F at σ = 2, σ_data = 0.7.
    const one = fromArray(ndarray(Float32Array.of(1), [1], 'float32'))
    const at2 = { signal: one, noise: mul(one, 2), condition: one }
    const found = estimateFrom(
      configOf('edm'),
      fromArray(ndarray(Float32Array.of(0.4, -1), [1, 2], 'float32')),
      fromArray(ndarray(Float32Array.of(3, 1), [1, 2], 'float32')),
      at2,
    )
    const [skip, out] = [0.49 / 4.49, 1.4 / Math.sqrt(4.49)]
    expectClose(await numbers(found.x0), [skip * 3 + out * 0.4, skip - out], 1e-5)
  })

  test('a config that lacks something is refused', () => {
    const network: Network = { init: () => ({}), apply: (_, x) => x }
    expect(() => estimatorOf({ ...configOf('edm'), sigmaData: undefined }, network)).toThrow("predict 'edm': sigmaData is undefined")
    expect(() => estimatorOf(configOf('noise' as 'eps'), network)).toThrow("there is no prediction 'noise'")
    expect(() => estimatorOf(configOf('v', vp, true), network)).toThrow("a skip is for a predicted ε, not 'v'")
  })

  test('a skip alone is the exact estimate of data of unit variance', async () => {
    const network: Network = { init: () => ({}), apply: (_, x) => mul(x, 0) }
    for (const config of [...processes, { kind: 've', sigmas: [0.01, 50] } as const]) {
      const level = levels(config, shares)
      const { params, estimate } = gaussian({ process: processOf(config), mean: [0, 0], covariance: 1 }).at(1)
      const { eps } = estimatorOf(configOf('eps', config, true), network)({}, x0, level)
      expectClose(await numbers(eps), await numbers(estimate(params, x0, level).eps), 1e-5)
    }
  })

  test('clipping keeps x = signal · x₀ + noise · ε', async () => {
    const level = levels(vp, shares)
    const x = mul(x0, 3)
    const network: Network = { init: () => ({}), apply: (_, x) => mul(x, 0.1) }
    const free = estimatorOf(configOf('eps'), network)({}, x, level)
    const kept = clipped(free, x, level, [-1, 1])
    expect(Math.max(...(await numbers(free.x0)).map(Math.abs))).toBeGreaterThan(1.5)
    expect(Math.max(...(await numbers(kept.x0)).map(Math.abs))).toBeLessThanOrEqual(1)
    expectClose(
      await numbers(add(mul(perExample(level.signal, x), kept.x0), mul(perExample(level.noise, x), kept.eps))),
      await numbers(x),
      1e-5,
    )
  })
})

/* Data normal in each coordinate, with variances λ and mean m: the best estimate, and its error, in closed form. */
const lambda = [0.8, 0.05]
const mu = [0.5, -0.2]
const gaussianX0 = (x: Tensor, { signal, noise }: Pick<LevelTensors, 'signal' | 'noise'>): Tensor => {
  const [a, s] = [perExample(signal, x), perExample(noise, x)]
  const [l, m] = [lambda, mu].map((values) => fromArray(ndarray(Float32Array.from(values), [2], 'float32')))
  const gain = div(mul(a, l), add(mul(square(a), l), square(s)))
  return add(m, mul(gain, sub(x, mul(a, m))))
}
/** Mean over coordinates of Var(ε | x) and Var(x₀ | x). */
const gaussianErrors = ({ signal, noise }: { signal: number; noise: number }) => {
  const total = (l: number) => signal ** 2 * l + noise ** 2
  const meanOf = (of: (l: number) => number) => (of(lambda[0]) + of(lambda[1])) / 2
  return { eps: meanOf((l) => (signal ** 2 * l) / total(l)), x0: meanOf((l) => (noise ** 2 * l) / total(l)) }
}
async function gaussianData(n: number) {
  const z = await random.normal(key(11), [n, 2]).ndarray()
  return ndarray(
    Float32Array.from(z.data, (value, i) => mu[i % 2] + Math.sqrt(lambda[i % 2]) * value),
    [n, 2],
    'float32',
  )
}

describe('losses on Gaussian data', () => {
  const n = 20000
  /** The network that predicts best, in the meaning of each prediction, written out by hand. */
  const best = (predict: Prediction, level: LevelTensors): Network => ({
    init: () => ({}),
    apply(_, input) {
      const [a, s] = [perExample(level.signal, input), perExample(level.noise, input)]
      if (predict === 'edm') {
        const sigma = div(s, a)
        const total = add(square(sigma), 0.49)
        const x = mul(input, sqrt(total)) // undoes c_in
        const d = gaussianX0(mul(x, a), level)
        return div(sub(d, mul(div(0.49, total), x)), div(mul(sigma, 0.7), sqrt(total)))
      }
      const x0 = gaussianX0(input, level)
      const eps = div(sub(input, mul(a, x0)), s)
      return { eps, x0, v: sub(mul(a, eps), mul(s, x0)), score: neg(eps) }[predict]
    },
  })

  test.each(['eps', 'x0', 'v', 'score', 'edm'] as const)(
    'the least loss of a predicted %s is the conditional variance',
    async (predict) => {
      const process = processOf(vp)
      for (const time of [0.1, 0.4, 0.9]) {
        const at = process.at(time)
        const row = (value: number) => mul(scalar(value), fromArray(ndarray(new Float32Array(n).fill(1), [n], 'float32')))
        const level = { signal: row(at.signal), noise: row(at.noise), condition: row(at.condition) }
        const batch = { x0: fromArray(await gaussianData(n)), eps: random.normal(key(5), [n, 2]), level }
        const config = configOf(predict)
        const loss = await mean(errorsOf(config, best(predict, level), {}, batch)).item()
        const { eps, x0 } = gaussianErrors(at)
        const { signal: a, noise: s } = at
        const sigma = s / a
        // Errors of ε and x₀ are one: δx₀ = −σ δε. Karras et al.: λ(σ) E|D − x₀|² with λ = (σ² + σ_d²) / (σ σ_d)².
        const expected = { eps, score: eps, x0, v: (a + s * sigma) ** 2 * eps, edm: ((sigma ** 2 + 0.49) / (sigma * 0.7) ** 2) * x0 }[
          predict
        ]
        // Squares of normal numbers: a relative standard error of √(2 / 2n) = 0.7 %.
        expect(Math.abs(loss / expected - 1)).toBeLessThan(0.04)
        // minSNR and the likelihood are weights of the error of x₀ and of ε, whatever is predicted.
        expect(Math.abs((weightOf(config, 'minSnr', at, 1) * loss) / (Math.min(1 / sigma ** 2, 5) * x0) - 1)).toBeLessThan(0.04)
        expect(Math.abs((weightOf(config, 'likelihood', at, 3) * loss) / ((4.5 / s ** 2) * eps) - 1)).toBeLessThan(0.04)
      }
    },
  )

  test('min-SNR weights by hand', () => {
    const snr10 = { signal: Math.sqrt(10 / 11), noise: Math.sqrt(1 / 11) }
    const snr2 = { signal: Math.sqrt(2 / 3), noise: Math.sqrt(1 / 3) }
    const weights = (level: typeof snr2) => (['eps', 'x0', 'v'] as const).map((predict) => weightOf(configOf(predict), 'minSnr', level, 1))
    expectClose(weights(snr10), [0.5, 5, 5 / 11], 1e-12)
    expectClose(weights(snr2), [1, 2, 2 / 3], 1e-12)
  })

  test("a network of zeros has Karras et al.'s expected loss at every σ", async () => {
    const network: Network = { init: () => ({}), apply: (_, x) => mul(x, 0) }
    const config = configOf('edm', { kind: 'edm', sigmas: [0.002, 80], train: [-1.2, 1.2] })
    const moment = (lambda[0] + mu[0] ** 2 + lambda[1] + mu[1] ** 2) / 2
    for (const sigma of [0.05, 0.7, 10]) {
      const row = (value: number) => fromArray(ndarray(new Float32Array(n).fill(value), [n], 'float32'))
      const batch = {
        x0: fromArray(await gaussianData(n)),
        eps: random.normal(key(5), [n, 2]),
        level: { signal: row(1), noise: row(sigma), condition: row(0) },
      }
      const loss = await mean(errorsOf(config, network, {}, batch)).item()
      expect(Math.abs(loss / ((sigma ** 2 * moment + 0.7 ** 4) / (0.49 * (sigma ** 2 + 0.49))) - 1)).toBeLessThan(0.03)
    }
  })

  test('held-out losses of the exact denoiser are the conditional variances, at any batch size, in any coordinates', async () => {
    const exact: Denoiser = {
      process: processOf({ kind: 'discrete', steps: 1000, schedule: 'cosine' }),
      shape: [2],
      at: () => serving,
    }
    const serving = {
      params: {},
      estimate: (_: unknown, x: Tensor, level: LevelTensors) => {
        const x0 = gaussianX0(x, level)
        const eps = div(sub(x, mul(perExample(level.signal, x), x0)), perExample(level.noise, x))
        return { x0, eps, score: neg(div(eps, perExample(level.noise, x))) }
      },
    }
    const data = { x: await gaussianData(4000) }
    const times = [50, 300, 900]
    const losses = await denoisingLoss(exact, data, times)
    const others = await denoisingLoss(exact, data, times, { batch: 77 })
    for (const [i, loss] of losses.entries()) {
      const expected = gaussianErrors(exact.process.at(times[i]))
      expect(Math.abs(loss.x0 - expected.x0)).toBeLessThan(4 * loss.x0Error)
      expect(Math.abs(loss.eps / expected.eps - 1)).toBeLessThan(0.08)
      expect(others[i].x0).toBeCloseTo(loss.x0, 6)
    }
    for (const other of [
      { kind: 'edm', sigmas: [0.01, 80], train: [-1.2, 1.2] },
      { kind: 'subVp', betas: [0.1, 20] },
    ] as const) {
      const asked = inCoordinatesOf(exact, other)
      const same = await denoisingLoss(
        asked,
        data,
        losses.map(({ sigma }) => asked.process.timeOf(sigma)),
      )
      for (const [i, loss] of same.entries()) expect(Math.abs(loss.x0 / losses[i].x0 - 1)).toBeLessThan(2e-3)
    }
  })
})

test('gradients of the losses are those of central differences', async () => {
  const level = levels(vp, [0.2, 0.7])
  const batch = { x0: random.normal(key(1), [2, 2]), eps: random.normal(key(2), [2, 2]), level }
  const network: Network<Tensor> = { init: () => scalar(0), apply: (w, x) => mul(w, add(x, 0.3)) }
  for (const predict of ['eps', 'x0', 'v', 'score', 'edm'] as const)
    for (const kind of ['mse', 'l1'] as const) {
      const loss = (w: Tensor) => mean(errorsOf(configOf(predict), network, w, batch, kind))
      const at = async (w: number) => (await evaluate(loss(scalar(w)))).item()
      const [slope, high, low] = [await grad(loss)(scalar(0.4)).item(), await at(0.41), await at(0.39)]
      expect(Math.abs(slope - (high - low) / 0.02), `${predict} ${kind}`).toBeLessThan(2e-3 * Math.max(1, Math.abs(slope)))
    }
})
