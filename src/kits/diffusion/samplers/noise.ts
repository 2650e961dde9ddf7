import { seedKey } from '../../../data/draws.ts'
import { foldKey, type KeyWords, threefryBits } from '../../../engine/threefry.ts'
import { normalQuantile } from './normal-quantile.ts'

/** What noise is drawn for: streams of different uses never meet. */
export const noiseUses = { sampling: 0x73616d70, noising: 0x6e6f6973, probes: 0x70726f62 } as const

/** Standard normal numbers that are a function of the key, by inversion of one random word each: the same bits on every machine. */
function fillNormals(key: KeyWords, into: Float32Array): void {
  const bits = threefryBits(key, into.length)
  for (let i = 0; i < into.length; i++) into[i] = normalQuantile((bits[i] + 0.5) / 2 ** 32)
}

/** Random signs, as the probes of Hutchinson's estimate. */
function fillSigns(key: KeyWords, into: Float32Array): void {
  const bits = threefryBits(key, Math.ceil(into.length / 32))
  for (let i = 0; i < into.length; i++) into[i] = (bits[i >>> 5] >>> (i & 31)) & 1 ? 1 : -1
}

/** Writes the draws of samples `first`, `first + 1`, … one after another; each depends on seed, use, sample and number of the draw alone. */
export type NoiseSource = (draw: number, samples: { readonly first: number; readonly count: number }, into: Float32Array) => void

const source =
  (fill: (key: KeyWords, into: Float32Array) => void) =>
  (seed: number, use: number, size: number): NoiseSource => {
    const root = seedKey(seed, use)
    return (draw, { first, count }, into) => {
      for (let row = 0; row < count; row++) fill(foldKey(foldKey(root, first + row), draw), into.subarray(row * size, (row + 1) * size))
    }
  }

/** Standard normal noise of samples of `size` elements. */
export const normalNoise = source(fillNormals)

/** Signs, of samples of `size` elements. */
export const signNoise = source(fillSigns)
