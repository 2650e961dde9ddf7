import { expect, test } from 'vitest'
import type { Arm } from '../../experiment/index.ts'
import { arms, sweepArm, ways } from './arms.ts'
import { type Config, config } from './config.ts'
import { estimate } from './estimate.ts'

const base = config.parse({ protect: true })
const arm = (id: string): Arm<Config> => arms(base).find((arm) => arm.id === id)!
const secondsOf = (id: string, more: object = {}): number =>
  estimate({ config: config.parse({ ...base, ...arm(id).config, ...more }) }).seconds

test.each([
  ['overfitted/attack', 437],
  [sweepArm(2000), 198],
  ['vae/attack', 107],
  ['exact/attack', 57],
  ['defence/none', 52],
  ['defence/early', 14.5],
  ['defence/dp-1', 75],
])('%s takes about %d seconds of a core', (id, seconds) => {
  expect(secondsOf(id)).toBeGreaterThan(seconds / 1.5)
  expect(secondsOf(id)).toBeLessThan(1.5 * seconds)
})

test('what another unit scores costs nothing of its own', () => {
  for (const id of ['exact/other-bank', 'defence/noise-reversed', ...ways.map((way) => `overfitted/${way}`)])
    expect(estimate({ config: config.parse({ ...base, ...arm(id).config }) })).toEqual({ parameters: 0, flops: 0, bytes: 0, seconds: 0 })
})

test('more records, draws, moments, channels and attacks cost more', () => {
  const own = secondsOf('overfitted/attack')
  const { overfitted } = base
  for (const more of [
    { draws: 4 },
    { logan: true },
    { network: { channels: 64, epochs: 150 } },
    { overfitted: { ...overfitted, checkpoints: [250, 500] } },
  ])
    expect(secondsOf('overfitted/attack', more)).toBeGreaterThan(own)
  expect(secondsOf('exact/attack', { scored: 250 })).toBeCloseTo(secondsOf('exact/attack') / 2, 6)
})
