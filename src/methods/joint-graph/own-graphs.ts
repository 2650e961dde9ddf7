import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { InputError } from '../../engine/index.ts'
import { type GraphFile, type GraphSchema, parseGraphSchema, readGraphs } from '../../kits/graphs/index.ts'

/** Options of verbs that read graphs. */
export const readingOptions = {
  schema: z.string().optional().describe('JSON that says what the numbers of nodes and edges mean; default: what the file shows'),
  maxNodes: z.number().int().min(1).max(1000).optional().describe('larger graphs are refused; default: as many nodes as the largest has'),
  skipBad: z.boolean().default(false).describe('leave out graphs that cannot be read, and count them'),
} as const

interface Like {
  /** Where no schema is given. */
  readonly schema?: GraphSchema
  readonly unchecked?: boolean
}

interface ReadingOptions {
  readonly schema?: string
  readonly maxNodes?: number
  readonly skipBad: boolean
}

/** Graphs of a file with what was left out told, one line for each of the first ones. */
export async function ownGraphs(
  path: string,
  { schema, maxNodes, skipBad }: ReadingOptions,
  log: (line: string) => void,
  like: Like = {},
): Promise<GraphFile> {
  const given = schema === undefined ? like.schema : parseGraphSchema(textOf(schema), schema)
  const read = await readGraphs(path, { schema: given, maxNodes, skipBad, unchecked: like.unchecked })
  for (const { why } of read.skipped.slice(0, 5)) log(`left out: ${why}`)
  if (read.skipped.length > 5) log(`left out: ${read.skipped.length - 5} more`)
  return read
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new InputError('there is no schema', { where: path, cause })
  }
}
