import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256, writeAtomically } from '../../data/files.ts'
import { InputError, ndarray, snapshot } from '../../engine/index.ts'
import { readSafetensors, writeSafetensors } from '../../engine/safetensors.ts'
import { fromArrays, toArrays } from '../../train/index.ts'

export interface ResumableTraining<S> {
  /** Where results go; what has been reached stands there too, until all is done. */
  readonly folder: string
  /** All that decides the result, as JSON: training by another recipe is not gone on with. */
  readonly recipe: unknown
  readonly steps: number
  /** A tree of tensors. */
  start(): S
  /** Step k, from 0. It may use the state up. */
  step(state: S, k: number): Promise<{ readonly state: S; readonly loss: number }>
  /** After each step. */
  onStep?(k: number, loss: number): Promise<void> | void
  /** The least time between two saves. Default: 30. */
  readonly seconds?: number
}

export interface Trained<S> {
  readonly state: S
  /** Of each step, also of those before an interruption. */
  readonly losses: Float64Array
  /** The first step of this call. */
  readonly resumedAt: number
}

/** What an interrupted training leaves in its folder. */
export const unfinishedFile = 'unfinished.safetensors'

/**
 * A loop of training steps that may be killed at any time: called again with the same folder and recipe it goes on from what it saved last, and ends with
 * the same bits, as long as a step is a function of the state and its number.
 *
 * @throws InputError where the folder holds an unfinished training by another recipe.
 */
export async function trainResumably<S>(training: ResumableTraining<S>): Promise<Trained<S>> {
  const { folder, steps, seconds = 30 } = training
  const file = join(folder, unfinishedFile)
  const recipe = sha256(new TextEncoder().encode(JSON.stringify(training.recipe)))
  const losses = new Float64Array(steps)
  const found = await unfinished(file, recipe, training.start(), losses)
  let state = found?.state ?? training.start()
  const resumedAt = found?.step ?? 0
  let saved = Date.now()
  for (let k = resumedAt; k < steps; k++) {
    const next = await training.step(state, k)
    state = next.state
    losses[k] = next.loss
    if (Date.now() - saved > 1000 * seconds && k + 1 < steps) {
      await save(file, recipe, k + 1, state, losses)
      saved = Date.now()
    }
    await training.onStep?.(k, next.loss)
  }
  return { state: await snapshot(state), losses, resumedAt }
}

/** Called when the results stand: what was unfinished is not any more. */
export const forgetUnfinished = (folder: string): Promise<void> => rm(join(folder, unfinishedFile), { force: true })

async function save(file: string, recipe: string, step: number, state: unknown, losses: Float64Array): Promise<void> {
  const tensors = { ...(await toArrays({ state })), losses: ndarray(losses, [losses.length], 'float64') }
  await writeAtomically(file, writeSafetensors(tensors, { recipe, step: String(step) }))
}

async function unfinished<S>(file: string, recipe: string, like: S, losses: Float64Array): Promise<{ state: S; step: number } | undefined> {
  const bytes = await readFile(file).catch(() => undefined)
  if (!bytes) return undefined
  const { tensors, metadata } = readSafetensors(bytes, file)
  if (metadata.recipe !== recipe)
    throw new InputError('an unfinished training with other options or data stands there', {
      where: file,
      fix: 'give the same options to go on with it, or remove the file to begin anew',
    })
  losses.set(tensors.losses.data as Float64Array)
  return { state: fromArrays({ ...tensors }, { state: like }, file).state, step: Number(metadata.step) }
}
