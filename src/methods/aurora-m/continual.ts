import { evaluate, type NDArray } from '../../engine/index.ts'
import type { Checkpoint } from '../../experiment/index.ts'
import type { DecoderConfig } from '../../kits/lm/config.ts'
import { forward } from '../../kits/lm/decoder.ts'
import { languageLoss } from '../../kits/lm/loss.ts'
import type { DecoderParams } from '../../kits/lm/params.ts'
import type { Optimizer } from '../../optim/index.ts'
import { fromArrays, type TrainState, toArrays, trainStep } from '../../train/index.ts'

/** Ids and, for each place, the id that follows or `ignored`: int32 [n, t] each. */
export interface LabelledBatch {
  readonly x: NDArray
  readonly y: NDArray
}

/** What of a model is trained, and how the whole follows from it: all of it, or adapters beside frozen weights. */
export interface Trainable<P> {
  readonly start: P
  /** Builds graph only. */
  whole(trained: P): DecoderParams
}

export const everything = (params: DecoderParams): Trainable<DecoderParams> => ({ start: params, whole: (trained) => trained })

export interface ContinualOptions<P, Meta> {
  readonly config: DecoderConfig
  readonly trainable: Trainable<P>
  readonly optimizer: Optimizer
  readonly steps: number
  /** A function of the step alone, so that a resumed run sees the same. */
  batchAt(step: number): LabelledBatch
  /** Whatever `after` has gathered, to be kept with the state; `restore` gets it back. */
  readonly memory?: { keep(): Meta; restore(kept: Meta): void }
  readonly checkpoint?: Checkpoint
  /** Awaited after each step (from 1) with the parameters as they are then, and the loss before the step. */
  after?(step: number, trained: P, loss: number): Promise<void>
  progress(done: number, total: number, note?: string): Promise<void>
}

export interface Continued<P> {
  readonly trained: P
  /** The mean over the steps of this process. */
  readonly stepSeconds: number
}

/** Goes on training a language model, from its checkpoint if there is one. */
export async function trainOn<P, Meta>(options: ContinualOptions<P, Meta>): Promise<Continued<P>> {
  const { config, trainable, optimizer, steps, checkpoint, memory } = options
  const step = trainStep<P, { x: NDArray; y: NDArray }>(
    (trained, { x, y }) => languageLoss(forward(config, trainable.whole(trained), { ids: x }), y),
    optimizer,
  )
  let state: TrainState<P> = await evaluate(step.init(trainable.start))
  const saved = await checkpoint?.latest()
  if (saved) {
    state = fromArrays(saved.tensors, state)
    memory?.restore(saved.meta as Meta)
  }
  const first = saved?.step ?? 0
  let milliseconds = 0
  for (let k = first; k < steps; k++) {
    const { x, y } = options.batchAt(k)
    const begun = performance.now()
    const { params, optimizer: inner, loss } = await step(state, { x, y })
    milliseconds += performance.now() - begun
    state = { params, optimizer: inner }
    await options.after?.(k + 1, params, loss)
    await options.progress(k + 1, steps, `step ${k + 1} of ${steps}`)
    if (checkpoint?.due()) await checkpoint.save(k + 1, await toArrays(state), memory?.keep())
  }
  return { trained: state.params, stepSeconds: milliseconds / 1000 / Math.max(1, steps - first) }
}
