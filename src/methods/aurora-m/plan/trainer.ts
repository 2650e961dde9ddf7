import type { NDArray } from '../../../engine/index.ts'
import { BlockTrainer } from '../../../kits/lm/blocks/index.ts'
import { forward } from '../../../kits/lm/decoder.ts'
import { languageLoss } from '../../../kits/lm/loss.ts'
import type { LanguageModel } from '../../../kits/lm/model.ts'
import { languageAdam } from '../../../kits/lm/optimizer.ts'
import { adam, matricesDecay, type Rate } from '../../../optim/index.ts'
import { fromArrays, type TrainState, toArrays, trainStep } from '../../../train/index.ts'
import type { LabelledBatch } from '../continual.ts'
import { layerTurns } from '../layer-turns.ts'
import { anchored } from '../remedies.ts'
import { continualRate } from '../schedule.ts'
import { fullTraining, loraTraining, type Training } from './model.ts'
import type { Plan } from './schema.ts'

/** A model while it trains by a plan. */
export interface PlanTrainer {
  /** Step k, from 0: its loss. */
  step(k: number, batch: LabelledBatch): Promise<number>
  /** The whole model as it is now, without adapters. Later steps may write over it. */
  model(): Promise<LanguageModel>
  /** All that later steps depend on. */
  save(): Promise<Readonly<Record<string, NDArray>>>
  restore(arrays: Readonly<Record<string, NDArray>>): Promise<void> | void
}

/** The way to train that a plan asks for. */
export function trainerOf(plan: Plan, model: LanguageModel): PlanTrainer {
  const { method, seed } = plan
  if (method === 'full') return treeTrainer(plan, model, fullTraining(model))
  return 'lora' in method ? treeTrainer(plan, model, loraTraining(model, method.lora, seed)) : layerTrainer(plan, model, method.lisa)
}

/** All of a tree of tensors at each step, by one graph. */
function treeTrainer<P>(plan: Plan, { config }: LanguageModel, training: Training<P>): PlanTrainer {
  const plain = languageAdam(rateOf(plan), plan.optimizer)
  const step = trainStep<P>(
    (trained, { x, y }) => languageLoss(forward(config, training.whole(trained), { ids: x }), y),
    plan.anchor > 0 ? anchored(plain, plan.anchor) : plain,
  )
  let state: TrainState<P> = step.init(training.start)
  return {
    async step(_, { x, y }) {
      const { loss, report: __, ...next } = await step(state, { x, y })
      state = next
      return loss
    },
    model: () => training.finished(state.params),
    save: () => toArrays({ state }),
    restore(arrays) {
      state = fromArrays({ ...arrays }, { state }).state
    },
  }
}

/** A few blocks at a time, with the memory of these. */
function layerTrainer(plan: Plan, model: LanguageModel, lisa: { readonly activeLayers: number; readonly interval: number }): PlanTrainer {
  const { config, params } = model
  const optimizer = adam({ learningRate: rateOf(plan), ...plan.optimizer, decays: matricesDecay, counters: 'each' })
  const trainer = new BlockTrainer({ config, params, optimizer, clip: 1 })
  const takeTurns = layerTurns(trainer, { ...lisa, seed: plan.seed })
  return {
    async step(k, { x, y }) {
      takeTurns(k)
      return (await trainer.step([{ ids: x, labels: y }])).loss
    },
    model: async () => ({ ...model, params: await trainer.params() }),
    save: () => trainer.toArrays(),
    restore: (arrays) => trainer.fromArrays(arrays),
  }
}

function rateOf({ stages, schedule: { kind, warmup, peak, min, totalSteps } }: Plan): Rate {
  return continualRate({
    stages: stages.map(({ steps }) => steps),
    peak,
    minimum: min,
    warmup,
    totalSteps,
    kind: kind === 'rewarm' ? 'rewarm' : 'one',
  })
}
