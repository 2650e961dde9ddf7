/**
 * Why a program did not pass: an assert was wrong; it raised something else; it is no Python; it took too long (time of the processor or of the clock); it
 * wanted more memory, or wrote more, than it may; it did something that the sandbox does not let it do; it left before its end; a signal ended it.
 *
 * @example
 * failures.includes('time') // true
 */
export const failures = ['assertion', 'exception', 'syntax', 'time', 'memory', 'output', 'refused', 'exit', 'killed'] as const
export type Failure = (typeof failures)[number]

/** How a program ended. */
export interface Outcome {
  readonly passed: boolean
  readonly reason: 'passed' | Failure
  /** The exception, or what else there is to say. */
  readonly detail?: string
  /** The program's line at which it ended, from 1. */
  readonly line?: number
  /** The begin of what it printed. */
  readonly output: string
}
