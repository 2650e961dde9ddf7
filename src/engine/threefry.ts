/*
 * Threefry-2x32 with 20 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): a counter-based generator. The word at a
 * position depends on (key, position) alone, so there is no state to store, and a resumed run draws what an uninterrupted one would have drawn.
 */

/** A key: two unsigned 32-bit words. */
export type KeyWords = readonly [number, number]

const parity = 0x1bd11bda

/** The block cipher: key (k0, k1) and counter (x0, x1), all unsigned 32-bit, → two random unsigned 32-bit words. */
export function threefry2x32(k0: number, k1: number, x0: number, x1: number): [number, number] {
  const out = new Uint32Array(2)
  threefryBlock(k0, k1, x0, x1, out, 0)
  return [out[0], out[1]]
}

/** `count` random words: `bits[2i], bits[2i+1] = threefry2x32(k0, k1, i, 0)`; of an odd count's last block only the first word is used. */
export function threefryBits([k0, k1]: KeyWords, count: number): Uint32Array {
  const bits = new Uint32Array(count + (count & 1))
  for (let i = 0; i < bits.length; i += 2) threefryBlock(k0, k1, i >>> 1, 0, bits, i)
  return bits.subarray(0, count)
}

/** A new key for the `n`-th use (0 ≤ n < 2³²) of a key. The counter's second word is 1, so it never meets the words of `threefryBits`. */
export const foldKey = ([k0, k1]: KeyWords, n: number): [number, number] => threefry2x32(k0, k1, n, 1)

/** Writes the two words to out[at] and out[at + 1]. Twenty rounds, unrolled by four: written so that every intermediate value stays a 32-bit integer, which keeps it fast. */
export function threefryBlock(k0: number, k1: number, c0: number, c1: number, out: Uint32Array, at: number): void {
  const k2 = k0 ^ k1 ^ parity
  let x0 = (c0 + k0) | 0
  let x1 = (c1 + k1) | 0
  // After every four rounds the next two of the three key words and the group's number are added.
  let next0 = k1 | 0
  let next1 = k2
  let last = k0 | 0
  for (let group = 1; group <= 5; group++) {
    const odd = (group & 1) === 1
    x1 = rotate(x1, odd ? 13 : 17) ^ (x0 = (x0 + x1) | 0)
    x1 = rotate(x1, odd ? 15 : 29) ^ (x0 = (x0 + x1) | 0)
    x1 = rotate(x1, odd ? 26 : 16) ^ (x0 = (x0 + x1) | 0)
    x1 = rotate(x1, odd ? 6 : 24) ^ (x0 = (x0 + x1) | 0)
    x0 = (x0 + next0) | 0
    x1 = (x1 + next1 + group) | 0
    const used = next0
    next0 = next1
    next1 = last
    last = used
  }
  out[at] = x0
  out[at + 1] = x1
}

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by))
