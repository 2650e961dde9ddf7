import type { Optdigits } from '../../data/index.ts'
import type { Findings, UnitContext } from '../../experiment/index.ts'
import type { Config } from './config.ts'
import { contractionOf } from './contraction.ts'
import { pairOf } from './digits-unit.ts'
import { exactMaxMargin, isSeparable } from './exact.ts'
import { signExamples } from './examples.ts'
import { logGap } from './synthetic-units.ts'
import { follow } from './trajectory.ts'

/** One schedule of the map. */
export interface Cell {
  readonly rho: number
  readonly interval: number
  readonly learningRate: number
  /** log₁₀ of the relative gap after the last step. */
  readonly logGap: number
  /** κ/(ηλ): how fast the norm grows against how fast the direction can follow. */
  readonly speed: number
}

/** The share of a pair that leaves some 360 examples. */
const share = 0.47

/** Schedules from slow to fast on the digits 0 and 1: which track the largest margin, and which freeze. */
export async function mapUnit({ config, seed, data, progress }: UnitContext<Config, Optdigits>): Promise<Findings> {
  const { rhos, intervals, learningRates, steps } = config.map
  const { x, y } = await pairOf(data.train, [0, 1], { share, seed })
  const { z } = signExamples(x, y)
  const best = exactMaxMargin(z)
  if (!isSeparable(best)) return { measurements: {}, details: { cells: [] } }
  const { least: lambda } = await contractionOf(z, best.multipliers)
  const schedules = rhos.flatMap((rho) =>
    intervals.flatMap((interval) => learningRates.map((learningRate) => ({ rho, interval, learningRate }))),
  )
  const runs = schedules.map(({ rho, interval, learningRate }) => ({ learningRate, interval, growth: rho }))
  const found = await follow(z, { rule: 'prgd', runs, steps, progress })
  const cells = schedules.map((schedule, i): Cell => {
    const kappa = Math.log(schedule.rho) / schedule.interval
    return { ...schedule, logGap: logGap(1 - found[i].margin[steps] / best.margin), speed: kappa / (schedule.learningRate * lambda) }
  })
  const gaps = cells.map(({ logGap }) => logGap)
  return { measurements: { lambda, bestLogGap: Math.min(...gaps), worstLogGap: Math.max(...gaps) }, details: { cells } }
}
