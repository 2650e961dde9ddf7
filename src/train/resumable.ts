import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256, writeAtomically } from '../data/files.ts'
import { InputError, type NDArray, NotFiniteError, ndarray, snapshot } from '../engine/index.ts'
import { readSafetensors, writeSafetensors } from '../engine/safetensors.ts'
import { fromArrays, toArrays } from './state.ts'

interface Loop {
  /** Where results go; what has been reached stands there too, until all is done. */
  readonly folder: string
  /** All that decides the result, as JSON: training by another recipe is not gone on with. */
  readonly recipe: unknown
  readonly steps: number
  /** After each step. What it throws, as where a user interrupts, ends the loop, which then keeps what has been reached. */
  onStep?(k: number, loss: number): Promise<void> | void
  /** The least time between two saves. Default: 30. */
  readonly seconds?: number
}

/** A training that looks after its own state. */
export interface ResumableSteps extends Loop {
  /** Step k, from 0: its loss. */
  step(k: number): Promise<number>
  /** All that later steps depend on. */
  save(): Promise<Readonly<Record<string, NDArray>>>
  restore(arrays: Readonly<Record<string, NDArray>>): Promise<void> | void
}

/** A training whose state is a tree of tensors. */
export interface ResumableTraining<S> extends Loop {
  start(): S
  /** Step k, from 0. It may use the state up. */
  step(state: S, k: number): Promise<{ readonly state: S; readonly loss: number }>
}

export interface Stepped {
  /** Of each step, also of those before an interruption. */
  readonly losses: Float64Array
  /** The first step of this call. */
  readonly resumedAt: number
}

export interface Trained<S> extends Stepped {
  readonly state: S
}

/** What an interrupted training leaves in its folder. */
export const unfinishedFile = 'unfinished.safetensors'

/**
 * A loop of training steps that may be killed at any time: called again with the same folder and recipe it goes on from what it saved last, and ends with
 * the same bits, as long as a step is a function of what is saved and its number.
 *
 * @throws InputError where the folder holds an unfinished training by another recipe.
 */
export async function stepResumably(training: ResumableSteps): Promise<Stepped> {
  const { folder, steps, seconds = 30 } = training
  const file = join(folder, unfinishedFile)
  const recipe = hashOf(training.recipe)
  const losses = new Float64Array(steps)
  const found = await unfinished(file, recipe)
  if (found) {
    losses.set(found.tensors.losses.data)
    await training.restore(found.tensors)
  }
  const resumedAt = found?.step ?? 0
  const keep = async (step: number) => save(file, recipe, step, { ...(await training.save()), losses: ndarray(losses, [steps], 'float64') })
  let saved = Date.now()
  for (let k = resumedAt; k < steps; k++) {
    losses[k] = await training.step(k).catch((error) => Promise.reject(atStep(error, k, steps)))
    if (Date.now() - saved > 1000 * seconds && k + 1 < steps) {
      await keep(k + 1)
      saved = Date.now()
    }
    try {
      await training.onStep?.(k, losses[k])
    } catch (interruption) {
      if (k + 1 < steps) await keep(k + 1)
      throw interruption
    }
  }
  return { losses, resumedAt }
}

/** A training that has stopped says where. */
const atStep = (error: unknown, k: number, steps: number): unknown =>
  error instanceof NotFiniteError ? new NotFiniteError(`step ${k + 1} of ${steps}: ${error.what}`, error) : error

/** As `stepResumably`, with the state of `start` and of each step. */
export async function trainResumably<S>({ start, step, ...loop }: ResumableTraining<S>): Promise<Trained<S>> {
  let state = start()
  const stepped = await stepResumably({
    ...loop,
    async step(k) {
      const next = await step(state, k)
      state = next.state
      return next.loss
    },
    save: () => toArrays({ state }),
    restore(arrays) {
      state = fromArrays({ ...arrays }, { state }, join(loop.folder, unfinishedFile)).state
    },
  })
  return { state: await snapshot(state), ...stepped }
}

/** Called when the results stand: what was unfinished is not any more. */
export const forgetUnfinished = (folder: string): Promise<void> => rm(join(folder, unfinishedFile), { force: true })

/**
 * What was measured by a recipe: from the folder's `result.json` if it stands there, else measured now and kept, so that a series of such measurements that is
 * interrupted goes on where it was. What a training of it had left unfinished is forgotten then.
 *
 * @param recipe all that decides the result, as JSON.
 * @param found called where the result stood there.
 */
export async function keptResult<T>(folder: string, recipe: unknown, measure: () => Promise<T>, found?: () => void): Promise<T> {
  const file = join(folder, 'result.json')
  const hash = hashOf(recipe)
  const kept = await readKept<T>(file)
  if (kept?.recipe === hash) {
    found?.()
    return kept.result
  }
  const result = await measure()
  await writeAtomically(file, new TextEncoder().encode(JSON.stringify({ recipe: hash, result }, null, 2)))
  await forgetUnfinished(folder)
  return result
}

/** What is not there, or no JSON, is measured anew. */
async function readKept<T>(file: string): Promise<{ readonly recipe: string; readonly result: T } | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return undefined
  }
}

const hashOf = (recipe: unknown): string => sha256(new TextEncoder().encode(JSON.stringify(recipe)))

async function save(file: string, recipe: string, step: number, tensors: Readonly<Record<string, NDArray>>): Promise<void> {
  await writeAtomically(file, writeSafetensors(tensors, { recipe, step: String(step) }))
}

async function unfinished(file: string, recipe: string): Promise<{ tensors: Readonly<Record<string, NDArray>>; step: number } | undefined> {
  const bytes = await readFile(file).catch(() => undefined)
  if (!bytes) return undefined
  const { tensors, metadata } = readSafetensors(bytes, file)
  if (metadata.recipe !== recipe)
    throw new InputError('an unfinished training with other options or data stands there', {
      where: file,
      fix: 'give the same options to go on with it, or remove the file to begin anew',
    })
  return { tensors, step: Number(metadata.step) }
}
