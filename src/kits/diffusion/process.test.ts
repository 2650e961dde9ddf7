import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { karrasSigmas, karrasTimes, sigmaOf, timeGrid } from './grid.ts'
import type { ProcessConfig } from './process.ts'
import { processOf } from './processes/index.ts'
import { makeSchedule, respace, scheduleNames, snrDb, spacedTimes } from './schedule.ts'

/* Golden values were computed independently in float64 from the definitions of the papers. */

const expectRelative = (actual: number, expected: number, tolerance: number) =>
  expect(Math.abs(actual / expected - 1), `${actual} for ${expected}`).toBeLessThan(tolerance)

const processes: readonly ProcessConfig[] = [
  { kind: 'discrete', steps: 1000, schedule: 'linear' },
  { kind: 'discrete', steps: 300, schedule: 'cosine' },
  { kind: 'vp', betas: [0.1, 20] },
  { kind: 'subVp', betas: [0.1, 20] },
  { kind: 've', sigmas: [0.01, 50] },
  { kind: 'edm', sigmas: [0.002, 80], train: [-1.2, 1.2] },
]

describe('schedules', () => {
  const linear = makeSchedule('linear', 1000)
  const cosine = makeSchedule('cosine', 1000)

  test('linear: ᾱ and the ratio of signal to noise', () => {
    const golden = { 1: 0.9999, 250: 0.524085, 500: 0.0785872, 750: 0.00335055, 1000: 4.03583e-5 }
    for (const [t, value] of Object.entries(golden)) expectRelative(linear.alphaBars[Number(t)], value, 2e-6)
    const decibels = { 1: 40.0, 200: 2.862, 400: -6.154, 600: -15.757, 800: -28.14, 1000: -43.94 }
    for (const [t, value] of Object.entries(decibels)) expect(Math.abs(snrDb(linear, Number(t)) - value)).toBeLessThan(6e-4)
  })

  test('cosine: β₁, ᾱ, one clipped β', () => {
    expectRelative(cosine.betas[1], 4.128422e-5, 1e-6)
    const golden = { 1: 0.999959, 250: 0.847012, 500: 0.493844, 750: 0.144272, 999: 2.42877e-6, 1000: 2.42877e-9 }
    for (const [t, value] of Object.entries(golden)) expectRelative(cosine.alphaBars[Number(t)], value, 3e-6)
    expect(cosine.betas.filter((beta) => beta === 0.999)).toHaveLength(1)
    const decibels = { 1: 43.842, 200: 9.48, 400: 2.64, 600: -2.865, 800: -9.838, 1000: -86.146 }
    for (const [t, value] of Object.entries(decibels)) expect(Math.abs(snrDb(cosine, Number(t)) - value)).toBeLessThan(6e-4)
  })

  test('the others begin and end where their definitions say', () => {
    const ends = (name: (typeof scheduleNames)[number], steps: number, betas?: [number, number]) => {
      const made = makeSchedule(name, steps, betas)
      return [made.betas[1], made.betas[steps]]
    }
    expect(ends('scaledLinear', 1000)[0]).toBeCloseTo(0.00085, 12)
    expect(ends('scaledLinear', 1000)[1]).toBeCloseTo(0.012, 12)
    // The middle of a quadratic schedule is the square of the mean root.
    expect(makeSchedule('quad', 3, [0.01, 0.09]).betas[2]).toBeCloseTo(0.04, 12)
    expect(ends('sigmoid', 1000)[0]).toBeCloseTo(1e-4 + 0.0199 * 0.0024726231566347743, 12)
    expect([...makeSchedule('warmup10', 20, [0.1, 0.2]).betas]).toEqual([0, 0.1, 0.2, ...new Array(18).fill(0.2)])
    expect([...makeSchedule('warmup50', 4, [0.1, 0.2]).betas]).toEqual([0, 0.1, 0.2, 0.2, 0.2])
    expect([...makeSchedule('const', 2, [0.1, 0.2]).betas]).toEqual([0, 0.2, 0.2])
    // β = 1/T, 1/(T−1), … 1: the signal falls along a line to nothing.
    for (const [t, alphaBar] of makeSchedule('jsd', 5).alphaBars.entries()) expect(alphaBar).toBeCloseTo(1 - t / 5, 12)
  })

  test('ᾱ falls at every step of every schedule', () => {
    for (const name of scheduleNames) {
      const { alphaBars } = makeSchedule(name, 100)
      for (let t = 1; t <= 100; t++) expect(alphaBars[t], `${name} ${t}`).toBeLessThan(alphaBars[t - 1])
    }
  })

  test('what is no schedule is refused', () => {
    expect(() => makeSchedule('linear', 0)).toThrow('a chain has a whole number of steps from 1, not 0')
    expect(() => makeSchedule('linear', 10, [0, 0.1])).toThrow('β goes from 0 to 0.1')
    expect(() => makeSchedule('linear', 10, [0.1, 1])).toThrow('β goes from 0.1 to 1')
    expect(() => makeSchedule('cosine', 10, [0.1, 0.2])).toThrow('it has no first and last β')
    expect(() => makeSchedule('toString' as never, 10)).toThrow("there is no schedule 'toString'")
    expect(() => respace(linear, 1001)).toThrow("1001 of a chain's 1000 steps cannot be kept")
  })

  test('respacing to all steps changes nothing', () => {
    for (const spacing of ['trailing', 'leading', 'linspace'] as const) {
      const same = respace(linear, 1000, spacing)
      expect(same.times).toEqual(Array.from({ length: 1001 }, (_, t) => t))
      for (const [t, beta] of same.betas.entries()) expect(Math.abs(beta - linear.betas[t])).toBeLessThan(1e-13)
    }
  })

  test('respaced β give the kept ᾱ again; spacings keep the ends that they promise', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.constantFrom('trailing', 'leading', 'linspace'), (count, spacing) => {
        const { betas, times } = respace(cosine, count, spacing as 'trailing')
        let product = 1
        for (let i = 1; i <= count; i++) {
          product *= 1 - betas[i]
          expectRelative(product, cosine.alphaBars[times[i]], 1e-6) // 1 − β holds a digit less for every power of ten below 1
          expect(times[i]).toBeGreaterThan(times[i - 1])
        }
        if (spacing !== 'leading') expect(times[count]).toBe(1000)
        if (spacing !== 'trailing' && count > 1) expect(times[1]).toBe(1)
      }),
    )
    expect(spacedTimes(1000, 4)).toEqual([250, 500, 750, 1000])
    expect(spacedTimes(1000, 4, 'leading')).toEqual([1, 251, 501, 751])
    expect(spacedTimes(10, 4, 'linspace')).toEqual([1, 4, 7, 10])
  })
})

describe('processes', () => {
  test('the signal of the VP SDE', () => {
    const wide = { 0.1: 0.946722, 0.25: 0.723657, 0.5: 0.281183, 0.75: 0.0586635, 1: 0.00657159 }
    const narrow = { 0.25: 0.973787, 0.5: 0.921963, 1: 0.759572 }
    for (const [betas, golden] of [
      [[0.1, 20], wide],
      [[0.1, 1], narrow],
    ] as const)
      for (const kind of ['vp', 'subVp'] as const)
        for (const [t, value] of Object.entries(golden)) {
          const { signal, noise } = processOf({ kind, betas }).at(Number(t))
          expectRelative(signal, value, 2e-6)
          expect(noise).toBeCloseTo(kind === 'vp' ? Math.sqrt(1 - signal ** 2) : 1 - signal ** 2, 12)
        }
  })

  test('the grid of Karras et al.', () => {
    const golden = [
      80, 57.586, 40.786, 28.375, 19.352, 12.91, 8.4009, 5.3152, 3.2568, 1.9233, 1.0882, 0.58535, 0.29644, 0.13952, 0.059947, 0.022935,
      0.007528, 0.002,
    ]
    const grid = karrasSigmas({ count: 18 })
    for (const [i, value] of golden.entries()) expectRelative(grid[i], value, 1e-4)
    expect(timeGrid(processOf(processes[5]), 18)).toEqual([...grid, 0])
  })

  test.each(processes)('a time is found again by its σ, and its level', (config) => {
    const process = processOf(config)
    const [first, last] = process.times
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), (share) => {
        const time = process.atShare(share)
        expect(time >= first && time <= last).toBe(true)
        const level = process.at(time)
        expectRelative(process.timeOf(level.noise / level.signal), time, 1e-6)
        const same = process.levelOf(level.noise / level.signal)
        expectRelative(same.signal, level.signal, 1e-9)
        expectRelative(same.noise, level.noise, 1e-9)
        expect(same.condition).toBeCloseTo(level.condition, 5)
        // Draws are times of uniform shares: the share below a drawn time is the share that was drawn, of a chain up to one step.
        const steps = config.kind === 'discrete' ? config.steps : Number.POSITIVE_INFINITY
        expect(Math.abs(process.shareBelow(time) - share)).toBeLessThan(1e-6 + 1 / steps)
      }),
    )
    expect(process.at(0)).toMatchObject({ signal: 1, noise: 0 })
    expect(process.timeOf(0)).toBe(0)
    expect(() => process.at(last + 1)).toThrow('lies outside of the process')
    expect(() => process.at(-1)).toThrow('lies outside of the process')
  })

  // d signal/dt = drift · signal and d noise²/dt = 2 drift · noise² + diffusion²: the moments of dx = drift · x dt + diffusion dw.
  test.each(processes.filter(({ kind }) => kind !== 'discrete'))('the SDE has the moments of its levels', (config) => {
    const process = processOf(config)
    for (const share of [0.1, 0.5, 0.9]) {
      const t = process.atShare(share)
      const h = 1e-5 * t
      const [before, after] = [process.at(t - h), process.at(t + h)]
      const { signal, noise } = process.at(t)
      const { drift, diffusion } = process.sde(t)
      expect((after.signal - before.signal) / (2 * h)).toBeCloseTo(drift * signal, 4)
      expectRelative((after.noise ** 2 - before.noise ** 2) / (2 * h), 2 * drift * noise ** 2 + diffusion ** 2, 1e-5)
    }
  })

  test('the SDE of a chain takes each of its levels to the next', () => {
    const process = processOf(processes[0])
    for (const t of [1, 2, 500, 1000]) {
      const { drift, diffusion } = process.sde(t)
      const [before, after] = [process.at(t - 1), process.at(t)]
      expectRelative(before.signal * Math.exp(drift), after.signal, 1e-12)
      const variance = before.noise ** 2 * Math.exp(2 * drift) + (diffusion ** 2 * Math.expm1(2 * drift)) / (2 * drift)
      expectRelative(variance, after.noise ** 2, 1e-10)
    }
  })

  test('between the steps of a chain there is no time, but a level for every σ', () => {
    const process = processOf(processes[0])
    expect(() => process.at(1.5)).toThrow('time 1.5 lies between two steps of a chain')
    const between = process.levelOf(Math.sqrt(sigmaOf(process, 500) * sigmaOf(process, 501)))
    expect(between.condition).toBeCloseTo(499.5, 9)
    expect(between.signal ** 2 + between.noise ** 2).toBeCloseTo(1, 12)
  })

  test.each(processes)('grids fall from the last time to 0', (config) => {
    const process = processOf(config)
    for (const grid of [timeGrid(process, 10), karrasTimes(process, 10)]) {
      expect(grid[0]).toBe(process.times[1])
      expect(grid.at(-1)).toBe(0)
      for (const [i, time] of grid.entries()) if (i > 0) expect(time).toBeLessThan(grid[i - 1])
    }
    expect(timeGrid(process, 10)).toHaveLength(11)
  })

  test('what is no process is refused', () => {
    expect(() => processOf({ kind: 'vp', betas: [0, 1] })).toThrow('vp: β goes from 0 to 1')
    expect(() => processOf({ kind: 've', sigmas: [1, 0.1] })).toThrow('σ goes from 1 to 0.1')
    expect(() => processOf({ kind: 'edm', sigmas: [0.002, 80], train: [0, 0] })).toThrow('ln σ has mean 0 and deviation 0')
    expect(() => processOf({ kind: 'rectified' } as never)).toThrow("there is no noise process 'rectified'")
  })
})
