import { readUnit } from '../run/run-folder.ts'
import type { ExportedRun } from './exported-run.ts'

export interface Curve {
  readonly name: string
  readonly x: readonly number[]
  readonly y: readonly number[]
}

/**
 * The curves that a method gave at the end of a unit instead of logging them: those whose x are steps, which is the only axis that trackers have.
 * @param logged the names in metrics.jsonl, where the curves of these are, in full
 */
export function curvesBesides({ folder }: ExportedRun, unit: string, logged: ReadonlySet<string>): Curve[] {
  const { series = {} } = readUnit(folder, unit) ?? {}
  return Object.entries(series)
    .filter(([name, { x }]) => !logged.has(name) && x.every((step) => Number.isSafeInteger(step) && step >= 0))
    .map(([name, { x, y }]) => ({ name, x, y }))
}
