import type { Findings } from '../../experiment/index.ts'
import type { VaeParams } from '../../kits/vae/index.ts'
import { lossTables } from './attacks/attack.ts'
import { trainModels, vaeConfig, vaeSubject, vaeTraining } from './models.ts'
import { lossesBySide } from './point.ts'
import { attackTable } from './table.ts'
import { heatOf } from './unit-overfitted.ts'
import { asrGain, partsOf, recordItems, sceneOf, tableDetails, tableMeasurements } from './unit-parts.ts'
import type { Context } from './units.ts'

/** E4: the same table for a VAE on the same records. */
export async function vaeUnit(context: Context): Promise<Findings> {
  const { config, data, seed } = context
  const { steps } = config.vae
  const parts = partsOf(data, config, seed)
  const { labels } = parts
  const own = vaeConfig(data.x.shape.slice(1))
  const training = (name: string, role: 'members' | 'reference' | 'shadowMembers', index: number) => ({
    name,
    steps,
    trainer: vaeTraining(own, steps, parts.train(role), 1000 * seed + index),
  })
  const models = await trainModels(
    [training('target', 'members', 0), training('reference', 'reference', 1), training('shadow', 'shadowMembers', 2)],
    context,
  )
  const subject = (name: string) => vaeSubject(name, { config: own, params: models(name, steps) as VaeParams })
  const reference = subject('reference')
  const scene = sceneOf(context, { target: subject('target'), reference, records: parts.scored })
  const shadowScene = sceneOf(context, { target: subject('shadow'), reference, records: parts.shadowScored })
  const tables = await lossTables(scene)
  const rows = await attackTable(scene, {
    attacks: [
      'pfami-met',
      'pfami-nn',
      'pfami-logistic',
      'pfami-mean',
      'pfami-uncalibrated',
      'loss',
      'loss-matched',
      'loss-calibrated',
      'loss-calibrated-matched',
      'mc',
      'gan-leaks',
      'latent',
    ],
    labels,
    shadow: { scene: shadowScene, labels },
    network: { ...config.network, seed, progress: context.progress },
    tables: { target: tables, shadow: await lossTables(shadowScene) },
  })
  const { members, others } = lossesBySide(tables, labels)
  return {
    measurements: { ...tableMeasurements(rows), memberLoss: members, otherLoss: others, asrGain: asrGain(rows) },
    details: { table: tableDetails(rows), heat: heatOf(tables, labels) },
    items: recordItems(parts, rows),
  }
}
