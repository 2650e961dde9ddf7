import type { Findings } from '../../experiment/index.ts'
import { areaUnderCurve, average } from '../../kits/metrics/index.ts'
import { lossTables, type Scene, type Tables } from './attacks/attack.ts'
import { halvesCheck, judgedWays } from './broken-ways.ts'
import { calibrated, type Fluctuation, fluctuation } from './fluctuation.ts'
import { meanLosses } from './losses.ts'
import { denoiserConfig, denoiserRecipe, denoiserTraining, trainedDenoiser, trainModels } from './models.ts'
import { lossesBySide, pointAt, pointOf, usualScores } from './point.ts'
import { pooledError } from './sweep.ts'
import { attackNames, attackTable, rowOf } from './table.ts'
import { asrGain, partsOf, recordItems, sceneOf, singleDraw, tableDetails, tableMeasurements, waysMeasurements } from './unit-parts.ts'
import type { Context } from './units.ts'

/** E1: a model that was trained long on few records, every attack on it, and every way to break the attack. */
export async function overfittedUnit(context: Context): Promise<Findings> {
  const { config, data, seed } = context
  const { width, steps, checkpoints } = config.overfitted
  const parts = partsOf(data, config, seed)
  const { labels } = parts
  const own = denoiserConfig(data.x.shape.slice(1), width)
  const early = checkpoints.filter((step) => step < steps)
  const training = (name: string, role: 'members' | 'reference' | 'shadowMembers', index: number) => ({
    name,
    steps,
    ...(role !== 'shadowMembers' && { keep: early }),
    trainer: denoiserTraining(own, denoiserRecipe(steps), parts.train(role), 1000 * seed + index),
  })
  const models = await trainModels(
    [training('target', 'members', 0), training('reference', 'reference', 1), training('shadow', 'shadowMembers', 2)],
    context,
  )
  const subject = (name: string, step = steps) => trainedDenoiser(name, own, models(name, step))
  const [target, reference, shadow] = [subject('target'), subject('reference'), subject('shadow')]
  const scene = sceneOf(context, { target, reference, records: parts.scored, draws: Math.max(2, config.draws) })
  // One reference serves both: an attacker has no reason to train a second.
  const shadowScene = sceneOf(context, { target: shadow, reference, records: parts.shadowScored })
  const tables = await lossTables(scene)
  const single = singleDraw(tables)
  const rows = await attackTable(
    { ...scene, draws: 1 },
    {
      attacks: attackNames.filter((attack) => attack !== 'logan' || config.logan),
      labels,
      shadow: { scene: shadowScene, labels },
      network: { ...config.network, seed, progress: context.progress },
      tables: { target: single, shadow: await lossTables(shadowScene) },
    },
  )
  const judged = await judgedWays({ scene: { ...scene, draws: 1 }, tables: single, shadow, parts, digits: data, seed })
  const points = [pointOf({ trainedOn: config.train, step: steps }, single, scene, labels)]
  for (const step of early) {
    const before = { ...scene, draws: 1, target: subject('target', step), reference: subject('reference', step) }
    points.push(await pointAt({ trainedOn: config.train, step }, before, labels))
  }
  const { members, others } = lossesBySide(single, labels)
  return {
    measurements: {
      ...tableMeasurements(rows),
      ...waysMeasurements(judged),
      calibratedLossArea: areaUnderCurve(usualScores(single, scene, 'loss-calibrated'), labels),
      pfamiMoreDraws: areaUnderCurve(usualScores(tables, scene, 'pfami-met'), labels),
      memberLoss: members,
      otherLoss: others,
      asrGain: asrGain(rows),
      poolError: pooledError(points, labels, seed),
    },
    series: areaByRow(single, scene, labels),
    details: {
      table: tableDetails(rows),
      points: points.map(({ point }) => point),
      heat: heatOf(single, labels),
      halves: halvesCheck(rowOf(rows, 'pfami-met')!.scores, labels, seed),
    },
    items: recordItems(parts, rows),
  }
}

/** Areas at single noise levels, of the loss and of PFAMI: where the signal is. */
function areaByRow(tables: Tables, { target, neighbours }: Scene, labels: ArrayLike<number>): NonNullable<Findings['series']> {
  const { data, records, rows, strengths } = differenceOf(tables)
  const x = target.oracle!.rows.map((name) => Number(name.replace(/\D/g, '')) || 0)
  const [own, other] = [tables.target, tables.reference!].map(meanLosses)
  const each = (of: (n: number, i: number) => number) => ({
    x,
    y: x.map((_, i) =>
      areaUnderCurve(
        Float64Array.from({ length: records }, (_, n) => of(n, i)),
        labels,
      ),
    ),
  })
  const versions = strengths + 1
  return {
    pfamiByLevel: each((n, i) => data[(n * rows + i) * strengths + neighbours.usual]),
    lossByLevel: each((n, i) => other[(n * rows + i) * versions] - own[(n * rows + i) * versions]),
  }
}

const differenceOf = ({ target, reference }: Tables): Fluctuation => calibrated(fluctuation(target), reference && fluctuation(reference))

/** Mean fluctuation of members less that of others, by row and strength. */
export function heatOf(tables: Tables, labels: ArrayLike<number>): number[][] {
  const { data, records, rows, strengths } = differenceOf(tables)
  const mean = (label: number, i: number, j: number) => {
    const own = Array.from({ length: records }, (_, n) => n).filter((n) => labels[n] === label)
    return average(own.map((n) => data[(n * rows + i) * strengths + j]))
  }
  return Array.from({ length: rows }, (_, i) => Array.from({ length: strengths }, (_, j) => mean(1, i, j) - mean(0, i, j)))
}
