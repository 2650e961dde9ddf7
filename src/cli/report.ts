import { InputError } from '../engine/errors.ts'
import { findRun } from '../experiment/run/find-run.ts'
import type { Shell } from './cli.ts'

export interface ReportOptions {
  readonly remake?: boolean
  readonly out?: string
  readonly json?: boolean
}

/** `quire report`: two runs are compared; otherwise reports are made anew. */
export async function report(shell: Shell, names: readonly string[], options: ReportOptions): Promise<number> {
  const compares = names.length === 2 && !options.remake
  if (options.out !== undefined && !compares)
    throw new InputError('--out is for the comparison of two runs', { where: 'quire report', fix: 'quire report A B --out FILE.html' })
  if (names.length > 2 && !options.remake)
    throw new InputError(`two runs are compared, not ${names.length}`, {
      where: 'quire report',
      fix: '--remake makes the reports of all of them anew',
    })
  const folders = names.map((name) => findRun(name))
  if (compares) return (await import('./compare.ts')).compare(shell, folders[0], folders[1], options)
  return (await import('./remake.ts')).remake(shell, folders, options)
}
