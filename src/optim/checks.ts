import { InputError } from '../engine/index.ts'

/** Throws an InputError that names the optimizer, the option's value, and what to give instead. */
export function require(where: string, holds: boolean, what: string, fix: string): void {
  if (!holds) throw new InputError(what, { where, fix })
}

export const requirePositive = (where: string, name: string, value: number): void =>
  require(where, value > 0 && Number.isFinite(value), `${name} is ${value}`, 'give a positive number')

export const requireNotNegative = (where: string, name: string, value: number): void =>
  require(where, value >= 0 && Number.isFinite(value), `${name} is ${value}`, 'give a number of at least 0')

/** A share that never becomes the whole: decay rates, heavy-ball momentum. */
export const requireBelowOne = (where: string, name: string, value: number): void =>
  require(where, value >= 0 && value < 1, `${name} is ${value}`, 'give a number in [0, 1)')
