import type { Findings } from '../../experiment/index.ts'
import { lossTables } from './attacks/attack.ts'
import { denoiserConfig, denoiserRecipe, denoiserTraining, trainedDenoiser, trainModels } from './models.ts'
import { lossesBySide, pointOf } from './point.ts'
import { pooledError } from './sweep.ts'
import { attackTable } from './table.ts'
import { partsOf, recordItems, sceneOf, singleDraw, tableDetails, tableMeasurements } from './unit-parts.ts'
import type { Context } from './units.ts'

/** E2: a model of more records at several moments of its training, on the way to over-fitting. */
export async function sweepUnit(context: Context): Promise<Findings> {
  const { config, data, seed } = context
  const { width, steps, checkpoints } = config.sweep
  const parts = partsOf(data, config, seed)
  const { labels } = parts
  const own = denoiserConfig(data.x.shape.slice(1), width)
  const looks = [...checkpoints.filter((step) => step < steps), steps]
  const training = (name: string, role: 'members' | 'reference', index: number) => ({
    name,
    steps,
    keep: looks,
    trainer: denoiserTraining(own, denoiserRecipe(steps), parts.train(role), 1000 * seed + index),
  })
  const models = await trainModels([training('target', 'members', 0), training('reference', 'reference', 1)], context)
  const subject = (name: string, step: number) => trainedDenoiser(name, own, models(name, step))
  const sceneAt = (step: number) =>
    sceneOf(context, {
      target: subject('target', step),
      reference: subject('reference', step),
      records: parts.scored,
      draws: config.draws,
    })
  const points = []
  for (const step of looks) {
    const scene = sceneAt(step)
    points.push({ scene, tables: await lossTables(scene), step })
  }
  const found = points.map(({ scene, tables, step }) => pointOf({ trainedOn: config.train, step }, tables, scene, labels))
  const { scene, tables } = points.at(-1)!
  const rows = await attackTable(
    { ...scene, draws: 1 },
    {
      attacks: [
        'pfami-met',
        'pfami-mean',
        'pfami-uncalibrated',
        'loss',
        'loss-matched',
        'loss-calibrated',
        'loss-calibrated-matched',
        'secmi',
        'pia',
        'sima',
      ],
      labels,
      tables: { target: singleDraw(tables) },
    },
  )
  const { members, others } = lossesBySide(tables, labels)
  return {
    measurements: { ...tableMeasurements(rows), memberLoss: members, otherLoss: others, poolError: pooledError(found, labels, seed) },
    details: { table: tableDetails(rows), points: found.map(({ point }) => point) },
    items: recordItems(parts, rows),
  }
}
