import { z } from 'zod'
import { InputError } from '../engine/errors.ts'
import { parseSettings } from '../experiment/config.ts'
import { type Experiment, prepare } from '../experiment/index.ts'
import { type SchemaKey, schemaKeys } from '../experiment/schema.ts'
import type { Check } from './check.ts'
import { quire, refusalProblems } from './command.ts'

/** What is never a value of a key of this kind. */
export const neverValues: Readonly<Record<SchemaKey['kind'], readonly string[]>> = {
  number: ['', 'many', 'NaN', 'Infinity', '-Infinity', '1e999', '[1]', '{}', 'null'],
  choice: ['', 'nonsense', '0', '[]'],
  switch: ['', 'maybe', '2', '[]'],
  list: ['NaN', '[NaN]', '{}', '[[[1]]]'],
  json: [],
  text: [],
}

interface Range {
  readonly type?: string
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly exclusiveMaximum?: number
}

/** The range of a number, as the schema says it. */
const rangeOf = ({ schema }: SchemaKey): Range => z.toJSONSchema(schema as z.ZodType, { io: 'input' }) as Range

const isSafe = (bound: number | undefined): bound is number => bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER

/** The numbers next to the range, outside and inside. */
export function boundaries(key: SchemaKey): {
  readonly outside: readonly number[]
  readonly inside: readonly number[]
  readonly open: boolean
} {
  const { type, minimum, exclusiveMinimum, maximum, exclusiveMaximum } = rangeOf(key)
  const tiny = type === 'integer' ? 1 : 1e-9
  const outside = [
    ...(isSafe(minimum) ? [minimum - tiny] : []),
    ...(isSafe(exclusiveMinimum) ? [exclusiveMinimum] : []),
    ...(isSafe(maximum) ? [maximum + tiny] : []),
    ...(isSafe(exclusiveMaximum) ? [exclusiveMaximum] : []),
    ...(type === 'integer' ? [1.5, 1e300] : []),
  ]
  const inside = [
    ...(isSafe(minimum) ? [minimum] : isSafe(exclusiveMinimum) ? [exclusiveMinimum + tiny] : []),
    ...(isSafe(maximum) ? [maximum] : isSafe(exclusiveMaximum) ? [exclusiveMaximum - tiny] : []),
  ]
  return { outside, inside, open: !isSafe(minimum) && !isSafe(exclusiveMinimum) }
}

/** Each config key refuses what is out of its range or of another type, and takes what is just within. */
export const configInput: Check = {
  name: 'config input',
  rule: 'Every config key has a range, and refuses what is outside, of another type or unknown in one line that names it, with exit status 2',
  pace: 'quick',
  async run(method, setting) {
    const folder = setting.scratch()
    const definition = await method.experiment()
    const keys = schemaKeys(definition.config)
    const onCommandLine = (word: string) => quire(method, ['run', method.name, '--preset', 'smoke', '--dry-run', '--set', word], folder)
    const problems: string[] = []
    for (const key of keys) {
      const { outside, inside, open } = key.kind === 'number' ? boundaries(key) : { outside: [], inside: [], open: false }
      if (open) problems.push(`config key '${key.key}' has no least value`)
      const bad = [...neverValues[key.kind], ...outside.map(String)].map((word) => `${key.key}=${word}`)
      for (const word of bad) problems.push(...notRefused(() => parseSettings(definition.config, [word]), key.key).map(about(word)))
      if (bad.length > 0) problems.push(...refusalProblems(await onCommandLine(bad[0])).map(about(bad[0])))
      for (const value of inside) problems.push(...(await unplanned(definition, `${key.key}=${value}`)).map(about(`${key.key}=${value}`)))
    }
    const unknown = [`${method.name}=1`, `${keys[0]?.key ?? 'x'}x=1`, '=1', 'x']
    for (const word of unknown) problems.push(...refusalProblems(await onCommandLine(word)).map(about(word)))
    return problems
  },
}

const about = (word: string) => (problem: string) => `--set ${word}: ${problem}`

/** Whether something ends with an error of the user's in one line that names the key. */
function notRefused(work: () => unknown, key: string): string[] {
  try {
    work()
    return ['it is taken']
  } catch (error) {
    if (!(error instanceof InputError)) return [`it ends with ${error}, which is no error of the user's`]
    return error.message.includes(key) && !error.message.includes('\n')
      ? []
      : [`the message is not one line with the key: ${error.message}`]
  }
}

/** Whether a run with a setting at the edge of its range can be planned, or says what is wrong with it. */
async function unplanned(definition: Experiment, word: string): Promise<string[]> {
  try {
    const { units } = await prepare(definition, { preset: 'smoke', settings: parseSettings(definition.config, [word]) })
    const strange = units.find(({ flops, parameters, bytes }) => ![flops, parameters, bytes].every((value) => value >= 0))
    return strange ? [`unit ${strange.unit} has an estimate that is no number`] : []
  } catch (error) {
    return error instanceof InputError ? [] : [`it is within its range, and ends with ${error}`]
  }
}
