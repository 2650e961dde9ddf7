import { evaluate, key, type NDArray, ndarray } from '../../engine/index.ts'
import type { Findings } from '../../experiment/index.ts'
import type { TrainingBatch } from '../../kits/lm/blocks/index.ts'
import { blockCount, type DecoderConfig, llamaConfig } from '../../kits/lm/config.ts'
import { initDecoder } from '../../kits/lm/init.ts'
import type { Config } from './config.ts'
import { type Tuning, tuningOf } from './tuning.ts'
import type { Context } from './tuning-unit.ts'

/** A model of the llama family with heads of 32 entries, as far as it is that wide. */
export const modelOf = ({ width, layers }: { width: number; layers: number }): DecoderConfig =>
  llamaConfig({ width, layers, heads: Math.max(1, Math.floor(width / 32)), hidden: 16 * Math.ceil(width / 6), context: 1024 })

/** Ids that are as good as any where only time and memory count. */
export function anyBatch({ batch, context }: { batch: number; context: number }, step: number): TrainingBatch {
  const ids = (shift: number): NDArray =>
    ndarray(
      Int32Array.from({ length: batch * context }, (_, i) => ((i + shift) * 31 + step * 17) % 256),
      [batch, context],
      'int32',
    )
  return { ids: ids(0), labels: ids(1) }
}

/** Times the steps of LISA and of full tuning by turns, in one process and through the same programs: the ratio of the medians. */
export async function speedUnit({ config, seed, progress, log }: Context): Promise<Findings> {
  const { speed, variant } = config
  const model = modelOf(speed)
  const params = await evaluate(initDecoder(model, key(seed)))
  const options = { learningRate: 1e-3, steps: speed.warmup + speed.steps }
  const activeLayers = Math.min(config.activeLayers, model.layers)
  const lisa = { activeLayers, intervalSteps: config.intervalSteps, seed: seed + config.firstSeed }
  const differentiated = variant === 'mask-after' ? () => true : undefined
  const tuned = tuningOf({ config: model, params }, { method: 'lisa', lisa }, { ...options, differentiated })
  const full = tuningOf({ config: model, params }, { method: 'full' }, options)
  const times = { tuned: [] as number[], full: [] as number[] }
  for (let step = 0; step < options.steps; step++) {
    const batch = anyBatch(speed, step)
    const [a, b] = [await seconds(tuned, step, batch), await seconds(full, step, batch)]
    if (step >= speed.warmup) {
      times.tuned.push(a)
      times.full.push(b)
      log(step, { lisaStepSeconds: a, fullStepSeconds: b })
    }
    await progress(step + 1, options.steps, `step ${step + 1} of ${options.steps}, each timed`)
  }
  const [own, other] = [median(times.tuned), median(times.full)]
  return {
    measurements: { lisaStepSeconds: own, fullStepSeconds: other, processStepRatio: own / other, predictedRatio: predictedRatio(config) },
  }
}

async function seconds({ trainer, controller }: Tuning, step: number, batch: TrainingBatch): Promise<number> {
  controller?.onOptimizerStep(step)
  const begun = performance.now()
  await trainer.step([batch])
  return (performance.now() - begun) / 1000
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

/**
 * The ratio for products alone: of each block two passes and the share of the third that is active, attention's products, which have no weights, and the
 * head, which always trains.
 */
export function predictedRatio({ speed, activeLayers }: Pick<Config, 'speed' | 'activeLayers'>): number {
  const model = modelOf(speed)
  const { layers, width, vocabulary } = model
  const weights = 2 * blockCount(model)
  const attention = 4 * speed.context * width
  const head = 3 * 2 * vocabulary * width
  const passes = (share: number) => layers * ((2 + share) * weights + 3 * attention) + head
  return passes(Math.min(1, activeLayers / layers)) / passes(1)
}
