import { describe, expect, test } from 'vitest'
import { timeGrid } from '../grid.ts'
import type { ProcessConfig } from '../process.ts'
import { processOf } from '../processes/index.ts'
import type { SamplerConfig } from '../sampling.ts'
import type { Step } from './plan.ts'
import { plannerOf } from './planners.ts'
import { type Law, lawOf } from './testing/moments.ts'

type Planned = Exclude<SamplerConfig, { kind: 'pc' | 'rk45' }>

const processes = {
  vp: { kind: 'vp', betas: [0.1, 20] },
  subVp: { kind: 'subVp', betas: [0.1, 20] },
  ve: { kind: 've', sigmas: [0.01, 50] },
  edm: { kind: 'edm', sigmas: [0.002, 80], train: [-1.2, 1.2] },
} satisfies Record<string, ProcessConfig>

const data = { mean: 0.7, lambda: 0.3 }

function planOf(config: ProcessConfig, sampler: Planned, steps: number): { plan: Step[]; times: number[] } {
  const process = processOf(config)
  const times = timeGrid(process, steps, { sampler: sampler.kind })
  return { plan: times.slice(1).map((to, k) => plannerOf(sampler)(process, times[k], to, times.length - 1)), times }
}

function law(config: ProcessConfig, sampler: Planned, steps: number, change: (plan: Step[]) => Step[] = (plan) => plan): Law {
  const { plan, times } = planOf(config, sampler, steps)
  return lawOf(processOf(config), change(plan), { ...data, begin: times[0] })
}

const error = ({ mean, variance }: Law): number => Math.abs(mean - data.mean) + Math.abs(variance - data.lambda)

/** log₂ of what doubling the steps gains. */
const order = (config: ProcessConfig, sampler: Planned, steps: number): number =>
  Math.log2(error(law(config, sampler, steps)) / error(law(config, sampler, 2 * steps)))

const first: Planned[] = [
  { kind: 'ddpm' },
  { kind: 'ddim' },
  { kind: 'ddim', eta: 0.5 },
  { kind: 'ddim', eta: 1 },
  { kind: 'em' },
  { kind: 'ode' },
]

describe('the law of what is sampled of Gaussian data tends to that of the data', () => {
  const cases = Object.entries(processes).flatMap(([name, config]) => first.map((sampler) => [name, sampler, config] as const))
  test.each(cases)('%s %o: order 1', (_, sampler, config) => {
    expect(error(law(config, sampler, 512))).toBeLessThan(0.04)
    expect(order(config, sampler, 256)).toBeGreaterThan(0.8)
    expect(order(config, sampler, 256)).toBeLessThan(1.4)
  })

  test.each(Object.entries(processes))('%s heun: order 2', (_, config) => {
    expect(error(law(config, { kind: 'heun' }, 64))).toBeLessThan(0.005)
    expect(order(config, { kind: 'heun' }, 32)).toBeGreaterThan(1.7)
    expect(order(config, { kind: 'heun' }, 32)).toBeLessThan(2.6)
  })

  test('heun with churn', () => {
    const churn = { amount: 40, sigmas: [0.05, 50], noise: 1 } as const
    for (const config of Object.values(processes)) expect(error(law(config, { kind: 'heun', churn }, 256))).toBeLessThan(0.005)
  })

  test.each(['linear', 'cosine'] as const)('a chain of 1000 steps, %s', (schedule) => {
    const config: ProcessConfig = { kind: 'discrete', steps: 1000, schedule }
    for (const sampler of first) expect(error(law(config, sampler, 1000))).toBeLessThan(0.01)
    expect(error(law(config, { kind: 'heun' }, 250))).toBeLessThan(0.002)
    // The larger variance is right for data of unit variance, and too much for these.
    expect(error(law(config, { kind: 'ddpm', variance: 'large' }, 1000))).toBeLessThan(0.02)
  })
})

describe('negative controls: the same bound is missed', () => {
  const withoutNoise = (plan: Step[]): Step[] => plan.map(({ moves }) => ({ moves: moves.map((move) => ({ ...move, c: 0 })) }))

  test.each(Object.entries(processes))('%s: Euler-Maruyama without its noise', (_, config) =>
    expect(error(law(config, { kind: 'em' }, 512, withoutNoise))).toBeGreaterThan(0.1),
  )

  test.each(Object.entries(processes))('%s: Euler-Maruyama with the sign of the score flipped', (_, config) => {
    const process = processOf(config)
    // x ← k·x + s·score is a = k − s/noise², b = s·signal/noise²: the sign of s changes.
    const flipped = (plan: Step[]): Step[] =>
      plan.map(({ moves }) => ({
        moves: moves.map((move) => {
          const scale = move.b / process.at(move.time).signal
          return { ...move, a: move.a + 2 * scale, b: -move.b }
        }),
      }))
    expect(error(law(config, { kind: 'em' }, 512, flipped))).toBeGreaterThan(0.1)
  })
})

test('DDIM with η = 1 is DDPM with the small variance, on any grid', () => {
  for (const config of [...Object.values(processes), { kind: 'discrete', steps: 100, schedule: 'linear' } as const]) {
    const [a, b] = [{ kind: 'ddpm' } as const, { kind: 'ddim', eta: 1 } as const].map((sampler) => planOf(config, sampler, 20).plan)
    a.forEach(({ moves: [move] }, k) => {
      const [other] = b[k].moves
      for (const part of ['a', 'b', 'c'] as const) expect(other[part]).toBeCloseTo(move[part], 9)
    })
  }
})

test('DDPM has the coefficients of Ho et al. 2020, equations 6 and 7', () => {
  const betas = Array.from({ length: 10 }, (_, i) => 1e-4 + (i / 9) * (0.02 - 1e-4))
  const bars = Array.from({ length: 11 }, (_, t) => betas.slice(0, t).reduce((bar, beta) => bar * (1 - beta), 1))
  const { plan } = planOf({ kind: 'discrete', steps: 10, schedule: 'linear' }, { kind: 'ddpm' }, 10)
  plan.forEach(({ moves: [{ time, a, b, c }] }) => {
    const [beta, bar, before] = [betas[time - 1], bars[time], bars[time - 1]]
    expect(b).toBeCloseTo((beta * Math.sqrt(before)) / (1 - bar), 9)
    expect(a).toBeCloseTo(((1 - before) * Math.sqrt(1 - beta)) / (1 - bar), 9)
    expect(c).toBeCloseTo(time === 1 ? 0 : Math.sqrt((beta * (1 - before)) / (1 - bar)), 9)
  })
})

test('Euler-Maruyama in σ is x + (σ² − σ′²)·score + √(σ² − σ′²)·z', () => {
  const { plan, times } = planOf(processes.edm, { kind: 'em' }, 18)
  const [{ a, b, c }] = plan[4].moves
  const growth = times[4] ** 2 - times[5] ** 2
  expect(a).toBeCloseTo(1 - growth / times[4] ** 2, 12)
  expect(b).toBeCloseTo(growth / times[4] ** 2, 12)
  expect(c).toBeCloseTo(Math.sqrt(growth), 12)
})

test('Heun takes 2N − 1 evaluations', () =>
  expect(planOf(processes.edm, { kind: 'heun' }, 18).plan.flatMap(({ moves }) => moves)).toHaveLength(35))

describe('U-turns of Gaussian data: correlation of what went in with what comes out', () => {
  const lambdas = [3, 1, 0.4, 0.05]
  const process = processOf(processes.edm)
  /** Σ cov(x₀, y₀) / Σ λ, where x_u = x₀ + σ z. */
  function correlation(sampler: Planned, sigma: number, steps: number): number {
    const times = timeGrid(process, steps).filter((time) => time < sigma)
    const grid = [sigma, ...times]
    const plan = grid.slice(1).map((to, k) => plannerOf(sampler)(process, grid[k], to, steps))
    const shared = lambdas.map((lambda) => lambda * lawOf(process, plan, { mean: 0, lambda, begin: sigma }).gain)
    return shared.reduce((sum, value) => sum + value, 0) / lambdas.reduce((sum, value) => sum + value, 0)
  }
  const total = lambdas.reduce((sum, value) => sum + value, 0)
  const sde = (sigma: number) => lambdas.reduce((sum, value) => sum + value ** 2 / (value + sigma ** 2), 0) / total
  const ode = (sigma: number) => lambdas.reduce((sum, value) => sum + value ** 1.5 / Math.sqrt(value + sigma ** 2), 0) / total

  test.each([0.3, 1, 3, 10])('σ %d', (sigma) => {
    expect(correlation({ kind: 'em' }, sigma, 1000)).toBeCloseTo(sde(sigma), 2)
    expect(correlation({ kind: 'ddim', eta: 1 }, sigma, 1000)).toBeCloseTo(sde(sigma), 2)
    expect(correlation({ kind: 'heun' }, sigma, 200)).toBeCloseTo(ode(sigma), 3)
    expect(correlation({ kind: 'ddim' }, sigma, 1000)).toBeCloseTo(ode(sigma), 2)
  })

  test('an ODE is not taken for an SDE', () => expect(Math.abs(correlation({ kind: 'heun' }, 3, 200) - sde(3))).toBeGreaterThan(0.1))

  test('[golden] λ 2, σ 1.5: 0.6859 and 0.4706', () => {
    const one = (sampler: Planned, steps: number) => {
      const grid = [1.5, ...timeGrid(process, steps).filter((time) => time < 1.5)]
      const plan = grid.slice(1).map((to, k) => plannerOf(sampler)(process, grid[k], to, steps))
      return lawOf(process, plan, { mean: 0, lambda: 2, begin: 1.5 }).gain
    }
    expect(one({ kind: 'heun' }, 400)).toBeCloseTo(0.686, 3)
    expect(one({ kind: 'em' }, 2000)).toBeCloseTo(0.4706, 2)
  })
})
