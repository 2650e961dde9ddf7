import { join } from 'node:path'
import { z } from 'zod'
import { writeJson } from '../../experiment/index.ts'
import { readJson } from '../../experiment/run/disk.ts'
import { formatNames, methodNames } from './own-model.ts'

const recordName = 'training.json'

/** How an adapter, or a model, was trained. What other programs left there by this name says nothing. */
const record = z
  .object({ method: z.enum(methodNames).optional().catch(undefined), format: z.enum(formatNames).optional().catch(undefined) })
  .catch({})

export const writeRecord = (folder: string, about: z.output<typeof record>): void => writeJson(join(folder, recordName), about)

/** What a folder says of its training; nothing where it is of another origin. */
export const readRecord = (folder: string): z.output<typeof record> => record.parse(readJson(join(folder, recordName)))
