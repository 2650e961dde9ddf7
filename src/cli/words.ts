import { InputError } from '../engine/errors.ts'

/** A whole number that somebody typed for an option. */
export function wholeNumber(option: string, typed: string, least: number): number {
  const value = Number(typed)
  if (!/^\d+$/.test(typed) || !Number.isSafeInteger(value) || value < least)
    throw new InputError(`'${typed}' is not a whole number of at least ${least}`, { where: option, fix: `for example ${option} 3` })
  return value
}
