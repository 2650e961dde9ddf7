import type { Findings, Series } from '../../experiment/index.ts'
import { type Bench, benchOf, criticalTimes, fullRuns, pointAt, qualityOf, type UTurnPoint } from './analyse.ts'
import { levelNear } from './config.ts'
import type { Context, Subject } from './digits-unit.ts'
import { isotropic } from './g-turn.ts'
import { dependence } from './independence.ts'
import { normalityOf } from './normality.ts'
import { shiftedRows } from './pairs.ts'
import { type TrajectoryPoint, trajectoryOf } from './trajectory.ts'

/** U-turns at every level, those of the judged one with several draws of noise, and full runs beside them. */
export async function sweepUnit(context: Context, subject: Subject): Promise<Findings> {
  const { config, data, progress } = context
  const { denoiser, options } = subject
  const found = await benchOf(denoiser, data, options)
  const bench: Bench =
    config.variant === 'isotropic' ? { ...found, gaussian: { ...found.gaussian, spectrum: isotropic(found.gaussian.spectrum) } } : found
  const pair = config.variant === 'shuffled' ? shiftedRows : undefined
  const points: UTurnPoint[] = []
  const { indices } = options
  const judgedIndex = levelNear(config, config.judged)
  const total = indices.length + 3
  for (const index of indices) {
    await progress(points.length, total, `level ${index}`)
    const seeds = index === judgedIndex ? options.seeds : options.seeds.slice(0, 1)
    points.push(await pointAt({ ...bench, options: { ...options, seeds } }, index, pair))
  }
  const findings = {
    ...judgedLevel(points[indices.indexOf(judgedIndex)], bench),
    ...againstGaussian(points, bench),
    ...criticalTimes(points, bench.chance),
    ...{ dominant: bench.gaussian.dominant, chance: bench.chance },
    ...identityOf(points),
    noisedKsMargin: normalityOf(points).margin,
  }
  // Controls that are judged by their pairs alone need no more.
  if (config.turns.length === 1 || config.variant === 'shuffled')
    return { measurements: findings, series: curves(points), details: { points } }
  const full = await fullRuns(bench)
  await progress(total - 2, total, 'full runs')
  const run = await trajectoryOf(denoiser, { ...options, seed: options.seeds[0], count: Math.min(config.samples, runSamples) })
  await progress(total - 1, total, 'a full run')
  const floor = (await qualityOf(bench, bench.x0)).fid
  const { high: ksHigh, low: ksLow, margin: ksMargin } = normalityOf(run)
  return {
    measurements: { ...findings, ksHigh, ksLow, ksMargin, fullFid: full.fid, fullNfe: full.nfe, floor },
    series: { ...curves(points), ...alongRun(run) },
    details: { points, full, trajectory: run, features: options.network.hash },
  }
}

/** Four groups of 256. */
const runSamples = 1024

function judgedLevel(point: UTurnPoint | undefined, { chance }: Bench): Record<string, number> {
  if (!point) return {}
  const { fid, kid, correlation, sameClass, self, copyRate, nfe } = point
  return { fid, kid, correlation, sameClass, self, copyRate, nfe, dependence: dependence(point, chance) }
}

/** Levels between two multiples of √λ of the dominant direction. */
const between = (points: readonly UTurnPoint[], { gaussian }: Bench, least: number, most = Number.POSITIVE_INFINITY): UTurnPoint[] =>
  points.filter(({ sigma }) => sigma >= least * gaussian.dominant && sigma <= most * gaussian.dominant)

/** The largest difference of the correlation from the Gaussian's: where the score should be affine, and where it should not. */
function againstGaussian(points: readonly UTurnPoint[], bench: Bench): Record<string, number> {
  const largest = (some: readonly UTurnPoint[]) => Math.max(...some.map(({ correlation, gaussian }) => Math.abs(correlation - gaussian)))
  const above = between(points, bench, 1.5)
  const inside = between(points, bench, 0.4, 0.95)
  return {
    ...(above.length > 0 && { deviationAbove: largest(above) }),
    ...(inside.length > 0 && { deviationInside: largest(inside) }),
  }
}

function identityOf(points: readonly UTurnPoint[]): Record<string, number> {
  const some = points.filter(({ sigma }) => sigma >= 0.5 && sigma <= 6)
  return some.length === 0 ? {} : { identityError: Math.max(...some.map(({ raw, identity }) => Math.abs(raw - identity))) }
}

const drawn = [
  'correlation',
  'gaussian',
  'raw',
  'identity',
  'sameClass',
  'self',
  'copyRate',
  'fid',
  'kid',
  'ks',
  'scoreNorm',
] as const satisfies readonly (keyof UTurnPoint)[]

function curves(points: readonly UTurnPoint[]): Record<string, Series> {
  const x = points.map(({ sigma }) => sigma)
  return Object.fromEntries(drawn.map((name) => [name, { x, y: points.map((point) => point[name]) }]))
}

function alongRun(run: readonly TrajectoryPoint[]): Record<string, Series> {
  const x = run.map(({ sigma }) => sigma)
  const names = ['forward', 'reverse', 'ks', 'scoreNorm', 'estimateNorm'] as const
  return Object.fromEntries(names.map((name) => [`run-${name}`, { x, y: run.map((point) => point[name]) }]))
}
