import { join } from 'node:path'
import { z } from 'zod'
import { kindOf, readContent } from '../../data/files.ts'
import { InputError } from '../../engine/index.ts'

/** What `quire pfami train` has split and trained: paths within its folder. */
export const trainedFile = 'splits.json'

const schema = z.object({
  version: z.literal(1),
  models: z.object({ target: z.string(), reference: z.string().optional(), shadow: z.string().optional() }),
  records: z.object({
    members: z.string(),
    nonMembers: z.string(),
    shadowMembers: z.string().optional(),
    shadowNonMembers: z.string().optional(),
  }),
})
export type TrainedSplits = z.output<typeof schema>

export type TrainedPaths = TrainedSplits['models'] & TrainedSplits['records']

/** The paths of a folder's models and records; absent where it is no such folder. */
export async function readTrained(folder: string): Promise<TrainedPaths | undefined> {
  const file = join(folder, trainedFile)
  if ((await kindOf(folder)) !== 'folder' || (await kindOf(file)) !== 'file') return undefined
  const { models, records } = readSplits(await readContent(file), file)
  const inside = (paths: Record<string, string | undefined>) =>
    Object.fromEntries(Object.entries(paths).flatMap(([name, path]) => (path === undefined ? [] : [[name, join(folder, path)]])))
  return { ...inside(models), ...inside(records) } as TrainedPaths
}

/** What a `splits.json` says. @throws InputError for what is none. */
export function readSplits(bytes: Uint8Array, where: string): TrainedSplits {
  const parsed = schema.safeParse(jsonOf(bytes, where))
  if (!parsed.success)
    throw new InputError(`does not say which models and records these are (${firstIssue(parsed.error)})`, {
      where,
    })
  return parsed.data
}

/** Where the first thing is that is wrong, and what. */
const firstIssue = ({ issues: [{ path, message }] }: z.ZodError): string => `'${path.join('.')}': ${message}`

function jsonOf(bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw new InputError(`${trainedFile} is damaged (${(cause as Error).message})`, { where, cause })
  }
}
