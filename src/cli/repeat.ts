import { formatNumber } from '../experiment/format.ts'
import { type Agreement, agreement } from '../experiment/run/agreement.ts'
import { finishedUnits, type RunRecord, readRun } from '../experiment/run/run-folder.ts'

/** A run that is repeated. */
export interface Original {
  readonly folder: string
  readonly run: RunRecord
}

/** What a repeat says of the run that it repeated. */
export interface Repeat extends Agreement {
  readonly of: string
}

/** How the numbers of a repeat agree with those of its original. */
export const agreementOf = (original: Original, folder: string): Repeat => ({
  of: original.folder,
  ...agreement(finishedUnits(original.folder, original.run), finishedUnits(folder, readRun(folder))),
})

/** Differences that the terminal lists; `--json` has all. */
const shown = 8

export function repeatLines({ of, identical, numbers, differences, onlyBefore, onlyNow }: Repeat): string[] {
  if (identical) return [`repeats ${of}: all ${numbers} numbers are the same, bit for bit`]
  const missing = [
    ...(onlyBefore.length ? [`${onlyBefore.length} numbers are only in the first, such as ${onlyBefore[0]}`] : []),
    ...(onlyNow.length ? [`${onlyNow.length} numbers are only in the repeat, such as ${onlyNow[0]}`] : []),
  ]
  return [
    `repeats ${of}: ${differences.length} of ${numbers} numbers differ${differences.length ? ', most by ratio:' : ''}`,
    ...differences
      .slice(0, shown)
      .map(({ name, before, now, relative }) => `  ${name}: ${before} → ${now} (${formatNumber(100 * relative, 2)} %)`),
    ...missing.map((line) => `  ${line}`),
  ]
}
