import type { NDArray } from '../../engine/index.ts'
import type { Findings } from '../../experiment/index.ts'
import { trainingSet } from '../../kits/diffusion/exact/index.ts'
import { type Denoiser, processOf } from '../../kits/diffusion/index.ts'
import { diffusionSubject } from './models.ts'
import { boundExcess } from './privacy/bound.ts'
import { type AttackName, attackTable } from './table.ts'
import { partsOf, sceneOf, tableDetails, tableMeasurements } from './unit-parts.ts'
import type { Context } from './units.ts'

/**
 * Attacks on losses and estimates: a model that remembers its training set word by word can hide from none of them. The calibrated loss is no such: it can be
 * small for a member that the reference happens to know a neighbour of.
 */
const sure: readonly AttackName[] = ['pfami-met', 'pfami-uncalibrated', 'loss', 'secmi', 'pia', 'sima']

/** The ε of a privacy that a perfect memory cannot have. */
const claimedEpsilon = 2

/** The denoiser of the members' empirical distribution, in closed form, attacked; and that of other records in its place. */
export async function exactUnit(context: Context): Promise<Findings> {
  const { config, data, seed } = context
  const parts = partsOf(data, config, seed)
  const process = processOf({ kind: 'discrete', steps: 1000, schedule: 'linear' })
  const memoryOf = (x: NDArray): Denoiser => trainingSet({ process, x, range: [-1, 1] })
  const reference = diffusionSubject('reference', memoryOf(parts.train('reference')))
  const shadow = diffusionSubject('shadow', memoryOf(parts.train('shadowMembers')))
  const shadowScene = sceneOf(context, { target: shadow, reference, records: parts.shadowScored })
  const tableOf = (target: typeof reference) =>
    attackTable(sceneOf(context, { target, reference, records: parts.scored }), {
      attacks: [...sure, 'loss-calibrated'],
      labels: parts.labels,
      shadow: { scene: shadowScene, labels: parts.labels },
    })
  const rows = await tableOf(diffusionSubject('memory', memoryOf(parts.train('members'))))
  const other = await tableOf(shadow)
  const areas = (table: typeof rows) => table.filter(({ attack }) => sure.includes(attack)).map(({ auc }) => auc.value)
  return {
    measurements: {
      ...tableMeasurements(rows),
      leastArea: Math.min(...areas(rows)),
      otherLeastArea: Math.min(...areas(other)),
      otherLargestArea: Math.max(...areas(other)),
      boundExcess: boundExcess(rows, parts.labels, { epsilon: claimedEpsilon, delta: config.dp.delta }),
    },
    details: { table: tableDetails(rows), other: tableDetails(other) },
  }
}
