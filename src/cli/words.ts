import { InputError } from '../engine/errors.ts'
import { unknownName } from '../experiment/nearest.ts'

/** A word that is one of a few; `--kind` is the option that takes it. */
export function oneOf<Name extends string>(kind: string, typed: string, known: readonly Name[]): Name {
  const found = known.find((name) => name === typed)
  if (!found) throw unknownName(kind, typed, known, `--${kind}`)
  return found
}

/** A whole number that somebody typed for an option. */
export function wholeNumber(option: string, typed: string, least: number): number {
  const value = Number(typed)
  if (!/^\d+$/.test(typed) || !Number.isSafeInteger(value) || value < least)
    throw new InputError(`'${typed}' is not a whole number of at least ${least}`, { where: option, fix: `for example ${option} 3` })
  return value
}

/** The seeds of `--seeds n`. */
export const firstSeeds = (typed: string | undefined): number[] | undefined =>
  typed === undefined ? undefined : Array.from({ length: wholeNumber('--seeds', typed, 1) }, (_, seed) => seed)
