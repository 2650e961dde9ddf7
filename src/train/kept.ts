import { sha256, writeAtomically } from '../data/files.ts'
import { cacheFolder } from '../data/index.ts'
import { builtin } from '../engine/builtin.ts'
import { readSafetensors, writeSafetensors } from '../engine/safetensors.ts'
import { fromArrays, toArrays } from './state.ts'

const { mkdir, readFile, rm, stat, utimes, writeFile } = builtin('node:fs/promises')
const { dirname, join } = builtin('node:path')

export interface KeepOptions {
  /** Where trained models are kept; default: the user's cache. */
  readonly cache?: string
  log?(line: string): void
  /** Awaited a few times a second while another process or thread trains the same model; may throw to give up. */
  waiting?(): Promise<void> | void
}

export interface Kept<P> {
  /** What the file's name begins with. */
  readonly prefix: string
  /** All that decides the result, as JSON: its hash is the model's name. */
  readonly recorded: unknown
  /** A tree of the result's structure and shapes. */
  readonly like: P
  /** Said before training, with where the result is kept. */
  readonly announce: string
  /** Kept beside the weights for who looks into the file. */
  readonly about?: Readonly<Record<string, string>>
  train(): Promise<P>
}

/**
 * A model that experiments begin with: from the cache, where the same one has been trained before, else trained now and kept there. Of several that ask for it
 * at a time one trains, and the others wait.
 */
export async function trainedOnce<P>(
  { prefix, recorded, like, announce, about = {}, train }: Kept<P>,
  { cache = join(cacheFolder(), 'models'), log = () => {}, waiting = () => {} }: KeepOptions,
): Promise<{ params: P; name: string }> {
  const name = sha256(new TextEncoder().encode(JSON.stringify(recorded)))
  const file = join(cache, `${prefix}-${name.slice(0, 16)}.safetensors`)
  const found = async (): Promise<P | undefined> => {
    const kept = await readFile(file).catch(() => undefined)
    if (!kept) return undefined
    const { tensors, metadata } = readSafetensors(kept, file)
    return metadata.name === name ? fromArrays(tensors, like, file) : undefined
  }
  const claim = `${file}.claim`
  for (;;) {
    const params = await found()
    if (params) return { params, name }
    if (await claimed(claim)) break
    await waiting()
    await new Promise((resolve) => setTimeout(resolve, pollEvery))
  }
  const sign = setInterval(() => void utimes(claim, new Date(), new Date()).catch(() => {}), signEvery)
  try {
    const meanwhile = await found() // whoever trained it may have ended between the look and the claim
    if (meanwhile) return { params: meanwhile, name }
    log(`${announce}, kept in ${file}`)
    const params = await train()
    const bytes = writeSafetensors(await toArrays(params), { name, ...about })
    // A cache that cannot be written costs time the next time, nothing else.
    await writeAtomically(file, bytes).catch((error: Error) => log(`${prefix}: could not be kept: ${error.message}`))
    return { params, name }
  } finally {
    clearInterval(sign)
    await rm(claim, { force: true }).catch(() => {})
  }
}

/** Milliseconds: between looks at the cache, between signs of life of who trains, and without one until somebody else may. */
const [pollEvery, signEvery, silentAfter] = [250, 2000, 15_000]

/** Whether nobody else is training it: one process or thread makes the file of the claim. Where none can be made, everybody trains. */
async function claimed(claim: string): Promise<boolean> {
  await mkdir(dirname(claim), { recursive: true }).catch(() => {})
  try {
    await writeFile(claim, '', { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return true
  }
  // Who was killed leaves its claim behind.
  const last = await stat(claim).catch(() => undefined)
  if (last && Date.now() - last.mtimeMs > silentAfter) await rm(claim, { force: true }).catch(() => {})
  return false
}
