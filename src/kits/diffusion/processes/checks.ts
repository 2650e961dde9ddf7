import { InputError } from '../../../engine/index.ts'

/** @throws InputError unless 0 < least < most. */
export function requireRising(what: string, [least, most]: readonly [number, number]): void {
  if (!(least > 0 && least < most && Number.isFinite(most)))
    throw new InputError(`${what} goes from ${least} to ${most}`, { fix: 'give two positive numbers, the least first' })
}

/** @throws InputError unless 0 ≤ time ≤ last. */
export function requireTime(kind: string, time: number, last: number): void {
  if (!(time >= 0 && time <= last))
    throw new InputError(`time ${time} lies outside of the process`, { where: kind, fix: `give one from 0 to ${last}` })
}

export const clamp = (x: number, least: number, most: number): number => Math.min(most, Math.max(least, x))
