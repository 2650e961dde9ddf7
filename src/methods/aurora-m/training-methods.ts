import { BlockTrainer } from '../../kits/lm/blocks/index.ts'
import type { DecoderConfig } from '../../kits/lm/config.ts'
import { languageAdam } from '../../kits/lm/optimizer.ts'
import type { DecoderParams } from '../../kits/lm/params.ts'
import { byteTokenizer } from '../../kits/lm/tokenizers/bytes.ts'
import { adam, matricesDecay, type Rate } from '../../optim/index.ts'
import { type ContinualOptions, type Continued, everything, trainOn } from './continual.ts'
import { layerTurns } from './layer-turns.ts'
import { loraTraining } from './plan/model.ts'
import { anchored } from './remedies.ts'

export interface MethodOptions<Meta> extends Omit<ContinualOptions<DecoderParams, Meta>, 'trainable' | 'optimizer'> {
  readonly config: DecoderConfig
  readonly start: DecoderParams
  readonly rate: Rate
  /** λ of λ ‖θ − θ_base‖², of training all weights. */
  readonly anchor: number
  /** Decides adapters' first weights, and which blocks train when. */
  readonly seed: number
}

export type Method = 'full' | 'lora' | 'lisa'

/** Goes on training all weights, low-rank adapters beside them, or a few blocks at a time. */
export async function trainBy<Meta>(method: Method, options: MethodOptions<Meta>): Promise<Continued<DecoderParams>> {
  const { rate, anchor, start } = options
  if (method === 'full') {
    const plain = languageAdam(rate)
    return trainOn({ ...options, trainable: everything(start), optimizer: anchor > 0 ? anchored(plain, anchor) : plain })
  }
  return method === 'lora' ? trainAdapters(options) : trainByLayers(options)
}

/** LoRA (paper 22) on all linear maps. */
async function trainAdapters<Meta>(options: MethodOptions<Meta>): Promise<Continued<DecoderParams>> {
  const model = { config: options.config, params: options.start, tokenizer: byteTokenizer }
  const training = loraTraining(model, { rank: 16, alpha: 32, targets: 'all-linear' }, options.seed)
  const { trained, stepSeconds } = await trainOn({
    ...options,
    trainable: training,
    optimizer: languageAdam(options.rate),
    after: async (step, adapted, loss) => options.after?.(step, training.whole(adapted), loss),
  })
  return { trained: (await training.finished(trained)).params, stepSeconds }
}

/** Blocks that train at a time, and for how many steps. */
const turns = { activeLayers: 2, interval: 10 }

/** LISA by the seed's draws. */
async function trainByLayers<Meta>(options: MethodOptions<Meta>): Promise<Continued<DecoderParams>> {
  const { config, start, steps, seed, checkpoint, memory } = options
  const optimizer = adam({ learningRate: options.rate, beta2: 0.95, weightDecay: 0.1, decays: matricesDecay, counters: 'each' })
  const trainer = new BlockTrainer({ config, params: start, optimizer, clip: 1 })
  const takeTurns = layerTurns(trainer, { ...turns, seed })
  const saved = await checkpoint?.latest()
  if (saved) {
    await trainer.fromArrays(saved.tensors)
    memory?.restore(saved.meta as Meta)
  }
  const first = saved?.step ?? 0
  let milliseconds = 0
  for (let k = first; k < steps; k++) {
    takeTurns(k)
    const { x, y } = options.batchAt(k)
    const begun = performance.now()
    const { loss } = await trainer.step([{ ids: x, labels: y }])
    milliseconds += performance.now() - begun
    await options.after?.(k + 1, await trainer.params(), loss)
    await options.progress(k + 1, steps, `step ${k + 1} of ${steps}`)
    if (checkpoint?.due()) await checkpoint.save(k + 1, await trainer.toArrays(), memory?.keep())
  }
  return { trained: await trainer.params(), stepSeconds: milliseconds / 1000 / Math.max(1, steps - first) }
}
