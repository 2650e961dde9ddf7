import { InputError } from '../engine/index.ts'

/**
 * Throws an InputError that names the optimizer, the option's value, and what to give instead.
 *
 * @example
 * const workers = 2
 * require('train', workers >= 1, `workers is ${workers}`, 'give at least 1')
 */
export function require(where: string, holds: boolean, what: string, fix: string): void {
  if (!holds) throw new InputError(what, { where, fix })
}

/**
 * An InputError unless the value is a number > 0.
 *
 * @example
 * requirePositive('adam', 'learningRate', 1e-3)
 */
export const requirePositive = (where: string, name: string, value: number): void =>
  require(where, value > 0 && Number.isFinite(value), `${name} is ${value}`, 'give a positive number')

/**
 * An InputError unless the value is a number ≥ 0.
 *
 * @example
 * requireNotNegative('adam', 'weightDecay', 0)
 */
export const requireNotNegative = (where: string, name: string, value: number): void =>
  require(where, value >= 0 && Number.isFinite(value), `${name} is ${value}`, 'give a number of at least 0')

/**
 * A share that never becomes the whole: decay rates, heavy-ball momentum.
 *
 * @example
 * requireBelowOne('sgd', 'momentum', 0.9)
 */
export const requireBelowOne = (where: string, name: string, value: number): void =>
  require(where, value >= 0 && value < 1, `${name} is ${value}`, 'give a number in [0, 1)')
