import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256, writeAtomically } from '../../data/files.ts'
import { InputError } from '../../engine/index.ts'
import { readSafetensors, writeSafetensors } from '../../engine/safetensors.ts'
import { forgetUnfinished, unfinishedFile } from '../../train/resumable.ts'
import type { Saving } from './session.ts'

/** Seconds between two saves. */
const every = 20

/**
 * Keeps a session in a folder, so that the same command goes on with it after it was killed.
 *
 * @param recipe all that decides the result, as JSON
 * @throws InputError on reading, where an unfinished session by another recipe stands there
 */
export function fileSaving(folder: string, recipe: unknown): Saving {
  const file = join(folder, unfinishedFile)
  const name = sha256(new TextEncoder().encode(JSON.stringify(recipe)))
  let saved = Date.now()
  return {
    due: () => Date.now() - saved > 1000 * every,
    async save(step, tensors, meta) {
      await writeAtomically(file, writeSafetensors(tensors, { recipe: name, step: String(step), meta: JSON.stringify(meta) }))
      saved = Date.now()
    },
    async latest() {
      const bytes = await readFile(file).catch(() => undefined)
      if (!bytes) return undefined
      const { tensors, metadata } = readSafetensors(bytes, file)
      if (metadata.recipe !== name)
        throw new InputError('an unfinished training with other options or data stands there', {
          where: file,
          fix: 'give the same options to go on with it, or remove the file to begin anew',
        })
      return { step: Number(metadata.step), tensors, meta: JSON.parse(metadata.meta) }
    },
    forget: () => forgetUnfinished(folder),
  }
}
