import { join } from 'node:path'
import { kindOf, readContent, sha256 } from '../../data/files.ts'
import { writeJson } from '../../experiment/index.ts'
import { readJson } from '../../experiment/run/disk.ts'
import { modelFile } from '../../kits/diffusion/index.ts'
import { forgetUnfinished } from '../../train/resumable.ts'

/** What stands beside a model that is finished: a hash of all that decided it, and of its file, which somebody may have replaced. */
const recordName = 'training.json'

const recordOf = async (folder: string, recipe: unknown) => ({
  recipe: sha256(new TextEncoder().encode(JSON.stringify(recipe))),
  model: sha256(await readContent(join(folder, modelFile))),
})

/** Whether the folder holds the model that this recipe, as JSON, gives. */
export async function isFinished(folder: string, recipe: unknown): Promise<boolean> {
  const found = readJson(join(folder, recordName))
  if (found === undefined || (await kindOf(join(folder, modelFile))) !== 'file') return false
  return JSON.stringify(found) === JSON.stringify(await recordOf(folder, recipe))
}

/** Called when the model stands in its folder. */
export async function markFinished(folder: string, recipe: unknown): Promise<void> {
  writeJson(join(folder, recordName), await recordOf(folder, recipe))
  await forgetUnfinished(folder)
}
