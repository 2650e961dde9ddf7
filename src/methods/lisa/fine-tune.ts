import type { TrainingBatch } from '../../kits/lm/blocks/index.ts'
import type { DecoderParams } from '../../kits/lm/params.ts'
import { type ResumableSteps, type Stepped, stepResumably } from '../../train/resumable.ts'
import type { Tuning } from './tuning.ts'

export interface FineTuneOptions extends Pick<ResumableSteps, 'folder' | 'recipe' | 'steps' | 'onStep' | 'seconds'> {
  /** Batches whose gradients are gathered for a step: a function of the step alone. */
  batchesAt(step: number): readonly TrainingBatch[]
}

export interface FineTuned extends Stepped {
  readonly params: DecoderParams
  /** Active blocks of the intervals; of LISA. */
  readonly schedule: readonly { readonly step: number; readonly active: readonly number[] }[]
}

/**
 * Fine-tunes, and may be killed at any time: called again with the same folder and recipe it goes on from what it saved last and ends with the same bits.
 * Sampling of layers, moments and their counters go on where they were.
 *
 * @throws InputError where the folder holds a state of other settings, or a schedule does not fit; NotFiniteError that names the step.
 */
export async function fineTune({ trainer, controller }: Tuning, { batchesAt, ...loop }: FineTuneOptions): Promise<FineTuned> {
  // Before the first step, so that a logged schedule that does not last, or names blocks that are not there, costs no training.
  const schedule = controller?.scheduleTo(loop.steps) ?? []
  const stepped = await stepResumably({
    ...loop,
    async step(k) {
      controller?.onOptimizerStep(k)
      return (await trainer.step(batchesAt(k), controller?.scale)).loss
    },
    save: async () => ({ ...(await trainer.toArrays()), ...controller?.toArrays() }),
    async restore(arrays) {
      await trainer.fromArrays(arrays)
      controller?.fromArrays(arrays)
    },
  })
  return { params: await trainer.params(), schedule, ...stepped }
}
