import { type NDArray, ndarray } from '../../engine/index.ts'
import type { Findings } from '../../experiment/index.ts'
import { lossTables } from './attacks/attack.ts'
import type { Config } from './config.ts'
import { denoiserConfig, denoiserRecipe, denoiserTraining, type Stepping, trainedDenoiser, trainModels } from './models.ts'
import { lossesBySide } from './point.ts'
import { epsilonOf } from './privacy/accountant.ts'
import { boundExcess } from './privacy/bound.ts'
import { dpTrainer } from './privacy/dp-sgd.ts'
import { type AttackName, attackTable } from './table.ts'
import { partsOf, recordItems, sceneOf, tableDetails, tableMeasurements } from './unit-parts.ts'
import type { Context } from './units.ts'

const attacks: readonly AttackName[] = ['pfami-met', 'pfami-uncalibrated', 'loss', 'loss-calibrated', 'secmi', 'pia', 'sima']

/** Expected batch of DP-SGD, the batch of all others. */
const batch = 64

/** E3: the attacks on a model that was protected; its reference is trained in the same way. */
export async function defenceUnit(context: Context): Promise<Findings> {
  const { config, data, seed } = context
  const { defence, noise, dp } = config
  const parts = partsOf(data, config, seed)
  const own = denoiserConfig(data.x.shape.slice(1), dp.width)
  const steps = stepsOf(config)
  const training = { noise, rate: Math.min(1, batch / config.train), steps }
  const trainerOf = (x: NDArray, index: number): Stepping => {
    const key = 1000 * seed + index
    if (defence === 'dp') return dpTrainer(own, { ...training, clip: 1, learningRate: 1e-3 }, x, key) as Stepping
    const recipe = denoiserRecipe(defence === 'early' ? config.overfitted.steps : steps, { weightDecay: defence === 'decay' ? 0.1 : 0 })
    return denoiserTraining(own, recipe, defence === 'shifts' ? withShifts(x) : x, key)
  }
  const models = await trainModels(
    [
      { name: 'target', steps, trainer: trainerOf(parts.train('members'), 0) },
      { name: 'reference', steps, trainer: trainerOf(parts.train('reference'), 1) },
    ],
    context,
  )
  const subject = (name: string) => trainedDenoiser(name, own, models(name, steps))
  const scene = sceneOf(context, { target: subject('target'), reference: subject('reference'), records: parts.scored })
  const tables = await lossTables(scene)
  const rows = await attackTable(scene, { attacks, labels: parts.labels, tables: { target: tables } })
  const { members, others } = lossesBySide(tables, parts.labels)
  const epsilon = defence === 'dp' ? epsilonOf(training, dp.delta) : Number.POSITIVE_INFINITY
  return {
    measurements: {
      ...tableMeasurements(rows),
      memberLoss: members,
      otherLoss: others,
      ...(defence === 'dp' && {
        epsilon,
        boundExcess: Number.isFinite(epsilon) ? boundExcess(rows, parts.labels, { epsilon, delta: dp.delta }) : -1,
      }),
    },
    details: { table: tableDetails(rows), epsilon: Number.isFinite(epsilon) ? epsilon : undefined },
    items: recordItems(parts, rows),
  }
}

const stepsOf = ({ defence, dp, overfitted }: Config): number => {
  if (defence === 'dp') return dp.steps
  return defence === 'early' ? Math.min(overfitted.checkpoints[0] ?? overfitted.steps, overfitted.steps) : overfitted.steps
}

/** The records, and each mirrored and moved by a pixel in every direction; the place that is left is the background. */
function withShifts({ shape: [n, size], data }: NDArray): NDArray {
  const side = Math.sqrt(size)
  const changes = [-1, 0, 1].flatMap((down) => [-1, 0, 1].flatMap((right) => [false, true].map((mirrored) => ({ down, right, mirrored }))))
  const out = new Float32Array(n * changes.length * size).fill(-1)
  for (let i = 0; i < n; i++)
    for (const [k, { down, right, mirrored }] of changes.entries())
      for (let row = 0; row < side; row++)
        for (let column = 0; column < side; column++) {
          const [y, x] = [row - down, column - right]
          if (y < 0 || x < 0 || y >= side || x >= side) continue
          out[(i * changes.length + k) * size + row * side + column] = data[i * size + y * side + (mirrored ? side - 1 - x : x)]
        }
  return ndarray(out, [n * changes.length, size], 'float32')
}
