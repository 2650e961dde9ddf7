import { sha256, writeAtomically } from '../data/files.ts'
import { cacheFolder } from '../data/index.ts'
import { builtin } from '../engine/builtin.ts'
import { readSafetensors, writeSafetensors } from '../engine/safetensors.ts'
import { fromArrays, toArrays } from './state.ts'

const { readFile } = builtin('node:fs/promises')
const { join } = builtin('node:path')

export interface KeepOptions {
  /** Where trained models are kept; default: the user's cache. */
  readonly cache?: string
  log?(line: string): void
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

/** A model that experiments begin with: from the cache, where the same one has been trained before, else trained now and kept there. */
export async function trainedOnce<P>(
  { prefix, recorded, like, announce, about = {}, train }: Kept<P>,
  { cache = join(cacheFolder(), 'models'), log = () => {} }: KeepOptions,
): Promise<{ params: P; name: string }> {
  const name = sha256(new TextEncoder().encode(JSON.stringify(recorded)))
  const file = join(cache, `${prefix}-${name.slice(0, 16)}.safetensors`)
  const kept = await readFile(file).catch(() => undefined)
  if (kept) {
    const { tensors, metadata } = readSafetensors(kept, file)
    if (metadata.name === name) return { params: fromArrays(tensors, like, file), name }
  }
  log(`${announce}, kept in ${file}`)
  const params = await train()
  const bytes = writeSafetensors(await toArrays(params), { name, ...about })
  // A cache that cannot be written costs time the next time, nothing else.
  await writeAtomically(file, bytes).catch((error: Error) => log(`${prefix}: could not be kept: ${error.message}`))
  return { params, name }
}
