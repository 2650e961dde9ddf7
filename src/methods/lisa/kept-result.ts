import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../../data/files.ts'
import { makeFolder, writeJson } from '../../experiment/index.ts'
import { forgetUnfinished } from '../../train/resumable.ts'

/**
 * What was measured by a recipe: from the folder if it stands there, else measured now and kept. A series that is interrupted goes on where it was.
 *
 * @param recipe all that decides the result, as JSON.
 */
export async function keptResult<T>(folder: string, recipe: unknown, measure: () => Promise<T>): Promise<T> {
  const path = join(folder, 'result.json')
  const name = sha256(new TextEncoder().encode(JSON.stringify(recipe)))
  const stored = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { recipe: string; result: T }) : undefined
  if (stored?.recipe === name) return stored.result
  makeFolder(folder)
  const result = await measure()
  writeJson(path, { recipe: name, result })
  await forgetUnfinished(folder)
  return result
}
