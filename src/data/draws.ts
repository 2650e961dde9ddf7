import { InputError } from '../engine/errors.ts'
import { foldKey, type KeyWords, threefryBits } from '../engine/threefry.ts'

/** The key of a seed and of what it is used for, so that the order of the data, the drawing of digits and a user's own keys never share a stream. */
export function seedKey(seed: number, use: number): KeyWords {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new InputError(`seed ${seed} is not a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`)
  return foldKey([Math.floor(seed / 2 ** 32), seed >>> 0], use)
}

/** What `seedKey` is used for in this folder. */
export const uses = {
  order: 0x6f726472,
  digits: 0x64696769,
  tables: 0x7461626c,
  text: 0x74657874,
  windows: 0x77696e64,
  groups: 0x67726f75,
  bootstrap: 0x626f6f74,
  languages: 0x6c616e67,
  programs: 0x70726f67,
  intents: 0x696e7465,
} as const

/** A stream of random numbers that is a pure function of its key. */
export interface Draws {
  /** Uniform in [low, high); without arguments in [0, 1). */
  uniform(low?: number, high?: number): number
  /** A whole number in [0, below), for below up to 2³². The bias is below `below`/2³². */
  integer(below: number): number
  /** Standard normal (Box and Muller). */
  normal(): number
}

export function draws(key: KeyWords): Draws {
  let block: Uint32Array = new Uint32Array(0)
  let used = 0
  let blocks = 0
  const word = () => {
    if (used === block.length) {
      block = threefryBits(foldKey(key, blocks++), 256)
      used = 0
    }
    return block[used++]
  }
  const unit = () => word() / 2 ** 32
  return {
    uniform: (low = 0, high = 1) => low + (high - low) * unit(),
    integer: (below) => Math.floor(unit() * below),
    normal: () => Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit()),
  }
}

/** A uniformly random order of 0 … count-1 (Fisher and Yates), a pure function of the key. */
export function permutation(key: KeyWords, count: number): Uint32Array {
  const bits = threefryBits(key, count)
  const order = Uint32Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    // At most i, since the word is at most 2³² - 1. Some j are likelier than others by less than (i + 1)/2³².
    const j = Math.floor((bits[i] / 2 ** 32) * (i + 1))
    const kept = order[i]
    order[i] = order[j]
    order[j] = kept
  }
  return order
}
