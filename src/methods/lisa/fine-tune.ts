import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256, writeAtomically } from '../../data/files.ts'
import { InputError, type NDArray, ndarray } from '../../engine/index.ts'
import { readSafetensors, writeSafetensors } from '../../engine/safetensors.ts'
import type { TrainingBatch } from '../../kits/lm/blocks/index.ts'
import type { DecoderParams } from '../../kits/lm/params.ts'
import type { Tuning } from './tuning.ts'

export interface FineTuneOptions {
  /** A training that can be gone on with keeps its state in this folder. */
  readonly folder: string
  /** All that decides the result, as JSON: a state of other settings is not gone on with. */
  readonly recipe: unknown
  readonly steps: number
  /** Batches whose gradients are gathered for a step: a function of the step alone. */
  batchesAt(step: number): readonly TrainingBatch[]
  /** Awaited after each step. */
  onStep?(step: number, loss: number): Promise<void> | void
  /** The least time between two saves. Default: 30. */
  readonly seconds?: number
}

export interface FineTuned {
  readonly params: DecoderParams
  /** Of each step, also of those before an interruption. */
  readonly losses: Float64Array
  /** Active blocks of the intervals; of LISA. */
  readonly schedule: readonly { readonly step: number; readonly active: readonly number[] }[]
  readonly resumedAt: number
}

const stateFile = 'unfinished.safetensors'

/**
 * Fine-tunes, and may be killed at any time: called again with the same folder and recipe it goes on from what it saved last and ends with the same bits.
 * Sampling of layers, moments and their counters go on where they were.
 *
 * @throws InputError where the folder holds a state of other settings; NotFiniteError that names the step.
 */
export async function fineTune({ trainer, controller }: Tuning, options: FineTuneOptions): Promise<FineTuned> {
  const { folder, steps, seconds = 30 } = options
  const file = join(folder, stateFile)
  const recipe = sha256(new TextEncoder().encode(JSON.stringify(options.recipe)))
  const losses = new Float64Array(steps)
  const saved = await unfinished(file, recipe)
  if (saved) {
    losses.set(saved.losses.data)
    await trainer.fromArrays(saved)
    controller?.fromArrays(saved)
  }
  const resumedAt = trainer.steps
  let last = Date.now()
  for (let step = resumedAt; step < steps; step++) {
    controller?.onOptimizerStep(step)
    losses[step] = (await trainer.step(options.batchesAt(step), controller?.scale)).loss
    if (Date.now() - last > 1000 * seconds && step + 1 < steps) {
      await save(file, recipe, { ...(await trainer.toArrays()), ...controller?.toArrays() }, losses)
      last = Date.now()
    }
    await options.onStep?.(step, losses[step])
  }
  return { params: await trainer.params(), losses, schedule: controller?.scheduleTo(steps) ?? [], resumedAt }
}

/** Called when the results stand. */
export const forgetUnfinished = (folder: string): Promise<void> => rm(join(folder, stateFile), { force: true })

async function save(file: string, recipe: string, arrays: Record<string, NDArray>, losses: Float64Array): Promise<void> {
  await writeAtomically(file, writeSafetensors({ ...arrays, losses: ndarray(losses, [losses.length], 'float64') }, { recipe }))
}

async function unfinished(file: string, recipe: string): Promise<Readonly<Record<string, NDArray>> | undefined> {
  const bytes = await readFile(file).catch(() => undefined)
  if (!bytes) return undefined
  const { tensors, metadata } = readSafetensors(bytes, file)
  if (metadata.recipe !== recipe)
    throw new InputError('an unfinished training with other options or data stands there', {
      where: file,
      fix: 'give the same options to go on with it, or remove the file to begin anew',
    })
  return tensors
}
