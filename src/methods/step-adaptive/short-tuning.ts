import {
  type DiffusionModel,
  denoiserOf,
  denoisingLoss,
  diffusionTrainer,
  processOf,
  type TrainingData,
} from '../../kits/diffusion/index.ts'
import { average } from '../../kits/metrics/index.ts'
import type { StepGroup } from './groups.ts'
import type { FineTuning } from './stages.ts'

/** Steps of fine-tuning that a way to prune is given before it is judged. */
const shortSteps = 50

/** Times at which it is judged. */
const judgedTimes = 10

export interface ShortTuning {
  readonly fineTuning: FineTuning
  readonly data: TrainingData
  /** Examples that losses are measured on. */
  readonly validation: TrainingData
  readonly seed: number
}

/** The loss of a pruned copy on its group after 50 steps of fine-tuning: what ways to prune are compared by. */
export async function lossAfter(
  model: DiffusionModel,
  { from, to }: Pick<StepGroup, 'from' | 'to'>,
  { fineTuning, data, validation, seed }: ShortTuning,
): Promise<number> {
  const recipe = { ...fineTuning, steps: shortSteps, warmup: Math.min(fineTuning.warmup ?? 0, shortSteps / 5), times: { from, to } }
  const trainer = diffusionTrainer(model.config, recipe, data, seed)
  let state = trainer.start(model.params)
  for (let k = 0; k < shortSteps; k++) state = (await trainer.step(state, k)).state
  const process = processOf(model.config.process)
  const [low, high] = [process.shareBelow(from), process.shareBelow(to)]
  const times = Array.from({ length: judgedTimes }, (_, i) => process.atShare(low + ((high - low) * (i + 0.5)) / judgedTimes))
  const losses = await denoisingLoss(denoiserOf({ ...model, params: state.params }), validation, times)
  return average(losses.map(({ eps }) => eps))
}
