import { add, div, equal, InputError, minimum, pow, scalar, type Tensor, where } from '../../engine/index.ts'
import { require, requireBelowOne } from '../../optim/index.ts'

/**
 * How past gradients enter the direction d_k = (1 − r_k) d_{k−1} + r_k g_k, d_{−1} = 0:
 * `none`: r = 1. `mokhtari`: r_k = min(1, 4/(k + 8)^(2/3)), the choice of the theory. `power`: r_k = (k + 1)^−power, faster in practice at 0.8 to 0.9.
 * `momentum` β: r_0 = 1, then 1 − β (Pokutta et al. 2020).
 */
export type Averaging = 'none' | 'mokhtari' | { readonly power: number } | { readonly momentum: number }

/** r_k of step k (from 0, a float64 scalar). */
export function averagingWeight(averaging: Averaging, k: Tensor): Tensor {
  const one = scalar(1, 'float64')
  if (averaging === 'none') return one
  if (averaging === 'mokhtari') return minimum(div(4, pow(add(k, 8), 2 / 3)), one)
  if ('power' in averaging) return pow(add(k, 1), -averaging.power)
  return where(equal(k, 0), one, scalar(1 - averaging.momentum, 'float64'))
}

/** @throws InputError for an exponent or a momentum that averages nothing, or never forgets the start. */
export function checkAveraging(where: string, averaging: Averaging): void {
  if (typeof averaging === 'string') {
    const fix = "give 'none', 'mokhtari', { power } or { momentum }"
    require(where, averaging === 'none' || averaging === 'mokhtari', `there is no averaging '${averaging}'`, fix)
  } else if ('momentum' in averaging) requireBelowOne(where, 'averaging.momentum', averaging.momentum)
  else require(where, averaging.power > 0 && averaging.power <= 1, `averaging.power is ${averaging.power}`, 'give a number in (0, 1]')
}

/**
 * An averaging as people write it: `none`, `mokhtari`, or the exponent of a power.
 *
 * @throws InputError that shows the form.
 */
export function parseAveraging(text: string): Averaging {
  if (text === 'none' || text === 'mokhtari') return text
  const power = Number(text)
  if (power > 0 && power <= 1) return { power }
  throw new InputError(`averaging is '${text}'`, { fix: 'give none, mokhtari, or an exponent in (0, 1]' })
}
