import type { PlainObject } from '../config.ts'
import type { ListedRun } from './run-list.ts'

/** A column of a list of runs: where its value stands, from `summary` or `details` down. */
export interface Column {
  readonly name: string
  readonly type: 'text' | 'number' | 'yesNo' | 'time'
  readonly keys: readonly string[]
}

const summary = (type: Column['type'], ...names: string[]): Column[] => names.map((name) => ({ name, type, keys: ['summary', name] }))

const own: readonly Column[] = [
  ...summary('text', 'folder', 'status', 'problem', 'method', 'id', 'preset'),
  ...summary('time', 'started', 'finished', 'lastSeen'),
  ...summary('yesNo', 'real'),
  ...summary('number', 'unitsDone', 'unitsTotal', 'seconds', 'exitStatus'),
  ...summary('text', 'outcome'),
]

const typeOf = (value: unknown): Column['type'] =>
  typeof value === 'number' || value === null ? 'number' : typeof value === 'boolean' ? 'yesNo' : 'text'

/** Keys of a config down to its leaves, as `--set` names them. */
function leavesOf(config: PlainObject, keys: readonly string[] = []): { keys: readonly string[]; value: unknown }[] {
  return Object.entries(config).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? leavesOf(value as PlainObject, [...keys, key])
      : [{ keys: [...keys, key], value }],
  )
}

/**
 * The columns of some runs: what every run has; each measurement of the method's first arm; each config key as `--set` names it. Of a name that comes
 * again the first counts, whatever the case of its letters.
 */
export function schemaOf(runs: readonly ListedRun[]): Column[] {
  const found = new Map(own.map((column) => [column.name.toLowerCase(), column]))
  const add = (name: string, value: unknown, keys: readonly string[]) => {
    if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), { name, type: typeOf(value), keys })
  }
  const details = runs.map((run) => run.details())
  for (const { measurements } of details)
    for (const [name, value] of Object.entries(measurements)) add(name, value, ['details', 'measurements', name])
  for (const { config } of details)
    for (const { keys, value } of leavesOf(config)) add(keys.join('.'), value, ['details', 'config', ...keys])
  return [...found.values()]
}

/** A run's value in a column. */
export function cellOf(run: ListedRun, { keys }: Column): unknown {
  const from = { summary: run.summary, details: keys[0] === 'details' ? run.details() : undefined }
  return keys.reduce<unknown>((value, key) => (value as PlainObject | undefined)?.[key], from)
}
