import { join } from 'node:path'
import { sha256 } from '../../data/files.ts'
import { makeFolder, writeJson } from '../../experiment/index.ts'
import { readJson } from '../../experiment/run/disk.ts'

/**
 * What an arm of a comparison comes to. It is kept in the arm's folder with the hash of all that decides it, so that the same command does not begin it again.
 *
 * @param recipe all that decides the result, as JSON.
 * @param found called where the result stood there.
 */
export async function armResult<T>(folder: string, recipe: unknown, compute: () => Promise<T>, found: () => void): Promise<T> {
  const file = join(folder, 'result.json')
  const name = sha256(new TextEncoder().encode(JSON.stringify(recipe)))
  const kept = readJson(file) as { readonly recipe: string; readonly result: T } | undefined
  if (kept?.recipe === name) {
    found()
    return kept.result
  }
  makeFolder(folder)
  const result = await compute()
  writeJson(file, { recipe: name, result })
  return result
}
