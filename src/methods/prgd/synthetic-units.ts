import type { NDArray } from '../../engine/index.ts'
import type { Findings, Series, UnitContext } from '../../experiment/index.ts'
import type { Config } from './config.ts'
import { planeSet, simplexSet } from './datasets.ts'
import { marginOf } from './exact.ts'
import { exponentialAdvantage, fitRates, type Rates } from './rates.ts'
import { follow, type RuleName, type RunSettings } from './trajectory.ts'

export type Context<Data = unknown> = UnitContext<Config, Data>

/** The iterations that claims look at. */
export const judged = { plane: 450, simplex: 600 } as const

/** Gaps below are rounding. */
const roundingFloor = 1e-16

export const logGap = (gap: number): number => (gap < roundingFloor ? Math.log10(roundingFloor) : Math.log10(gap))

export const isRescaling = (rule: RuleName): boolean => rule.startsWith('prgd')

/** What a rule's `growth` is: ρ, or the degree; a fixed norm grows by 1. */
const settingsOf = ({ rule, variant, rho, degree, interval }: Config, warmup: number): RunSettings => ({
  learningRate: 1,
  warmup,
  interval,
  growth: variant === 'noGrowth' ? 1 : rule === 'prgdPolynomial' ? degree : rho,
})

/** A vector so many times as long: what rescaling once, at the end, comes to. */
export const rescaledAtEnd = (w: Float64Array, growth: number): Float64Array => w.map((value) => growth * value)

const finalGrowth = 1e5

interface SyntheticOptions {
  readonly margin: number
  readonly warmup: number
  readonly steps: number
  readonly slowSteps: number
  readonly judgedAt: number
  progress(done: number, total: number): Promise<void>
}

/** The gap g − γ(w_t) of a rule on one set. */
async function gapsOn(z: NDArray, config: Config, options: SyntheticOptions): Promise<Float64Array> {
  const { margin, steps, slowSteps, judgedAt, progress } = options
  const { rule, variant } = config
  const atEnd = variant === 'rescaledAtEnd'
  const count = isRescaling(rule) ? steps : atEnd ? judgedAt : slowSteps
  const [run] = await follow(z, { rule, runs: [settingsOf(config, options.warmup)], steps: count, progress })
  const gaps = run.margin.map((value) => margin - value)
  if (atEnd) gaps[count] = margin - marginOf(z, rescaledAtEnd(run.weights, finalGrowth))
  return gaps
}

/** The law that the gap follows once the warm-up is over. */
const ratesOf = (gaps: Float64Array, warmup: number, margin: number): Rates | undefined => {
  const rates = { from: warmup + 5, to: gaps.length - 1, floor: 1e-12 * margin }
  return gaps[rates.from + 1] > rates.floor ? fitRates(gaps, rates) : undefined
}

/** Some 300 of the times: equally many for an axis of t and one of log t. */
export function curveOf(gaps: Float64Array, name: string): Record<string, Series> {
  const last = gaps.length - 1
  const times = new Set(Array.from({ length: 151 }, (_, i) => [Math.round((last * i) / 150), Math.round(last ** (i / 150))]).flat())
  const x = [...times].filter((t) => t > 0 && Number.isFinite(gaps[t])).sort((a, b) => a - b)
  return { [name]: { x, y: x.map((t) => Math.max(gaps[t], roundingFloor)) } }
}

/** Slope of log₁₀ gap between two iterations: a unit of t, or of log₁₀ t. */
const slopeBetween = (gaps: Float64Array, from: number, to: number, time = (t: number) => t): number =>
  (Math.log10(gaps[to]) - Math.log10(gaps[from])) / (time(to) - time(from))

export async function planeUnit({ config, seed, progress }: Context): Promise<Findings> {
  const { margins, ...plane } = config.plane
  const g = margins[seed % margins.length]
  const z = planeSet(g, { balanced: config.variant === 'balanced' })
  const options = { ...plane, margin: g, judgedAt: judged.plane, progress }
  const gaps = await gapsOn(z, config, options)
  const rival = await gapsOn(z, { ...config, rule: 'ngd', variant: 'full' }, { ...options, slowSteps: judged.plane })
  const rates = ratesOf(gaps, plane.warmup, g)
  return {
    measurements: {
      margin: g,
      logGap: logGap(gaps[judged.plane]),
      advantage: logGap(gaps[judged.plane]) - logGap(rival[judged.plane]),
      slope: slopeBetween(gaps, plane.warmup + 5, 500),
      predictedSlope: -Math.log10(config.rho) / config.interval,
      // Normalized gradient descent settles at a fixed offset ln 2/2 from the axis while its height grows by g a step.
      limitRatio: (gaps[1000] * 1000) / (Math.LN2 / (2 * g)),
      power: slopeBetween(gaps, 5_000, 20_000, Math.log10),
      exponentialAdvantage: rates ? exponentialAdvantage(rates) : 0,
      exponent: rates?.polynomial.slope ?? 0,
    },
    series: curveOf(gaps, 'gap'),
  }
}

export async function simplexUnit({ config, seed, progress }: Context): Promise<Findings> {
  const { sizes, margin, ...simplex } = config.simplex
  const measurements: Record<string, number> = {}
  const found: { late: number; early: number; law: number; exponent: number }[] = []
  let series: Record<string, Series> = {}
  for (const [i, m] of sizes.entries()) {
    const z = await simplexSet(m, margin, seed)
    const within = (done: number, total: number) => progress(i + done / total, sizes.length, `m = ${m}`)
    const gaps = await gapsOn(z, config, { ...simplex, margin, judgedAt: judged.simplex, progress: within })
    const relative = gaps.map((gap) => gap / margin)
    const last = relative.length - 1
    const rates = ratesOf(relative, simplex.warmup, 1)
    const own = {
      early: logGap(relative[judged.simplex]),
      late: logGap(relative[simplex.slowSteps]),
      law: rates ? exponentialAdvantage(rates) : 0,
      exponent: slopeBetween(relative, Math.floor(last / 2), last, Math.log10),
    }
    found.push(own)
    measurements[`logGap-m${m}`] = own.early
    measurements[`exponent-m${m}`] = own.exponent
    series = { ...series, ...curveOf(relative, `gap m=${m}`) }
  }
  return {
    measurements: {
      ...measurements,
      worstLogGap: Math.max(...found.map(({ early }) => early)),
      bestLateLogGap: Math.min(...found.map(({ late }) => late)),
      leastExponentialAdvantage: Math.min(...found.map(({ law }) => law)),
      greatestExponentialAdvantage: Math.max(...found.map(({ law }) => law)),
      steepestExponent: Math.min(...found.map(({ exponent }) => exponent)),
    },
    series,
  }
}
