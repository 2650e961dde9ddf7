import { CommanderError } from 'commander'
import { InputError } from '../engine/errors.ts'
import type { Terminal } from './terminal.ts'

/**
 * Exit statuses. 0: all claims hold, or nothing was judged. 1: a claim fails, or a control does not. 3: undecided.
 * 2: the user's input. 70: a defect of ours (EX_SOFTWARE), with its stack. 130: interrupted, resumable.
 */
export const exitStatus = { ok: 0, fails: 1, usage: 2, undecided: 3, defect: 70, interrupted: 130 } as const

/** `quire: …`, once. */
const oneLine = (text: string): string => `quire: ${text.replace(/^(error|quire): /, '').replace(/\s*\n\s*/g, ' ')}`

/** Says what went wrong on standard error and returns the exit status. */
export function report(error: unknown, terminal: Terminal): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitStatus.ok
    terminal.err(`${oneLine(error.message)}; quire --help shows the commands`)
    return exitStatus.usage
  }
  if (error instanceof InputError) {
    terminal.err(oneLine(error.message))
    return exitStatus.usage
  }
  terminal.err(error instanceof Error ? (error.stack ?? String(error)) : `quire: ${String(error)}`)
  terminal.err('quire: this is a defect of quire, not of your input')
  return exitStatus.defect
}
