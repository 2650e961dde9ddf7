import { key } from '../../engine/index.ts'
import { BlockTrainer, type Trainable } from '../../kits/lm/blocks/index.ts'
import type { DecoderConfig } from '../../kits/lm/config.ts'
import { languageRate } from '../../kits/lm/optimizer.ts'
import type { DecoderParams } from '../../kits/lm/params.ts'
import { initAdapter } from '../../kits/lm/peft/adapter.ts'
import { withAdapter } from '../../kits/lm/peft/with-adapter.ts'
import { adafactor, adam, matricesDecay, type Optimizer, sgd } from '../../optim/index.ts'
import { type LisaConfig, LisaController } from './controller.ts'
import { galore } from './galore.ts'

/** Ways of fine-tuning, with what each needs to know. */
export type TuningPlan =
  | { readonly method: 'full' | 'ends' | 'sgd' | 'adafactor' }
  | { readonly method: 'lisa'; readonly lisa: LisaConfig }
  /** So many blocks, chosen once: at random, or the last ones. */
  | { readonly method: 'static' | 'static-top'; readonly activeLayers: number; readonly seed: number }
  | { readonly method: 'lora' | 'lora-attention' | 'lora-ends'; readonly rank: number; readonly seed: number }
  | { readonly method: 'galore'; readonly rank: number }

/** What any of the methods may need to know. */
export interface TuningSettings extends LisaConfig {
  /** Of LoRA and GaLore. */
  readonly rank: number
}

/** What a method is to do, by its name. */
export function planOf(method: TuningPlan['method'], { rank, ...lisa }: TuningSettings): TuningPlan {
  const { activeLayers, seed } = lisa
  switch (method) {
    case 'lisa':
      return { method, lisa }
    case 'static':
    case 'static-top':
      return { method, activeLayers, seed }
    case 'lora':
    case 'lora-attention':
    case 'lora-ends':
      return { method, rank, seed }
    case 'galore':
      return { method, rank }
    default:
      return { method }
  }
}

export interface TuningOptions {
  /** The peak, after warm-up; it falls to a tenth along a cosine. */
  readonly learningRate: number
  readonly steps: number
  readonly warmup?: number
  readonly weightDecay?: number
  readonly clip?: number
  readonly recompute?: boolean
  /** Gradients that are computed although nothing trains by them. */
  readonly differentiated?: Trainable
}

/** A trainer, and who decides before each step what trains. */
export interface Tuning {
  readonly trainer: BlockTrainer
  readonly controller?: LisaController
}

/** Whether a parameter is outside of the blocks: embedding, last norm, head. */
export const isEnd: Trainable = (path) => !path.startsWith('blocks.')

const isAdapter: Trainable = (path) => /\.lora\.[ab]$/.test(path)

/**
 * Sets a way of fine-tuning up: what trains, by which optimizer.
 *
 * @throws InputError for settings that the model does not allow.
 * @example
 * import { initDecoder, llamaConfig, sizes } from 'quire/lm'
 *
 * const config = llamaConfig({ ...sizes.tiny })
 * const model = { config, params: initDecoder(config, key(0)) }
 * const plan = { method: 'lisa', lisa: { activeLayers: 1, intervalSteps: 5, seed: 0 } } as const
 * const tuning = tuningOf(model, plan, { learningRate: 1e-3, steps: 10 })
 */
export function tuningOf(model: { config: DecoderConfig; params: DecoderParams }, plan: TuningPlan, options: TuningOptions): Tuning {
  const { config } = model
  const params = plan.method.startsWith('lora') ? adapted(model, plan as LoraPlan) : model.params
  const { clip = 1, recompute, differentiated } = options
  const trainer = new BlockTrainer({ config, params, optimizer: optimizerOf(plan, options), clip, recompute, differentiated })
  if (plan.method === 'lisa') return { trainer, controller: new LisaController(trainer, plan.lisa) }
  const blocks = plan.method === 'static' || plan.method === 'static-top' ? chosenOnce(trainer, plan) : undefined
  trainer.setTrainable(trainableOf(plan, blocks))
  return { trainer }
}

/** Static blocks are LISA's with an interval without end: the same draw, once. */
function chosenOnce(
  trainer: BlockTrainer,
  { method, activeLayers, seed }: Extract<TuningPlan, { activeLayers: number }>,
): readonly number[] {
  const sampler = method === 'static' ? 'uniform' : 'cyclic'
  return new LisaController(trainer, { activeLayers, intervalSteps: 1, sampler, seed }).activeAt(0)
}

function trainableOf({ method }: TuningPlan, blocks: readonly number[] = []): Trainable {
  switch (method) {
    case 'ends':
      return isEnd
    case 'static':
    case 'static-top':
      return (path) => isEnd(path) || blocks.some((block) => path.startsWith(`blocks.${block}.`))
    case 'lora':
    case 'lora-attention':
      return isAdapter
    case 'lora-ends':
      return (path) => isAdapter(path) || isEnd(path)
    default:
      return () => true
  }
}

type LoraPlan = Extract<TuningPlan, { method: `lora${string}` }>

function adapted(model: { config: DecoderConfig; params: DecoderParams }, { method, rank, seed }: LoraPlan): DecoderParams {
  const targets = method === 'lora-attention' ? /.*\.(?:self_attn|attn)\..*/ : 'all-linear'
  return withAdapter(model.params, initAdapter({ kind: 'lora', rank, alpha: 2 * rank, dropout: 0, targets }, model, key(seed)))
}

function optimizerOf(plan: TuningPlan, { learningRate: peak, steps, warmup, weightDecay = 0.1 }: TuningOptions): Optimizer {
  const learningRate = languageRate(peak, { steps, warmup })
  const decay = { weightDecay, decays: matricesDecay }
  switch (plan.method) {
    case 'sgd':
      return sgd({ learningRate, momentum: 0 })
    case 'adafactor':
      return adafactor({ learningRate, ...decay })
    case 'galore':
      return galore({ learningRate, rank: plan.rank, beta2: 0.95, ...decay })
    default:
      return adam({ learningRate, beta2: 0.95, counters: 'each', ...decay })
  }
}
