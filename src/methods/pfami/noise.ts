import { seedKey } from '../../data/draws.ts'
import { foldKey, type KeyWords, threefryBits } from '../../engine/threefry.ts'
import { normalQuantile } from '../../kits/diffusion/samplers/normal-quantile.ts'

/** What noise is for: the same numbers wherever these are the same, whatever model is asked, and in whatever order. */
export interface NoiseKey {
  readonly record: number
  readonly row: number
  readonly draw: number
  /** Set where noise is not common: of the neighbour, and of the model. */
  readonly version?: number
  readonly model?: number
}

export type FillNoise = (key: NoiseKey, into: Float32Array) => void

const uses = { losses: 0x70666d69, perspective: 0x70657273, tokens: 0x746f6b6e, splits: 0x73706c74 } as const

export const useKey = (seed: number, use: keyof typeof uses): KeyWords => seedKey(seed, uses[use])

/**
 * Standard normal noise as a function of (record, row, draw): the common random numbers of an attack. With `antithetic` every second draw is the one
 * before it with its sign turned.
 */
export function keyedNoise(seed: number, { antithetic }: { readonly antithetic: boolean }): FillNoise {
  const root = useKey(seed, 'losses')
  return ({ record, row, draw, version = 0, model = 0 }, into) => {
    const turned = antithetic && draw % 2 === 1
    const words = [record, row, turned ? draw - 1 : draw, version, model].reduce<KeyWords>(foldKey, root)
    const bits = threefryBits(words, into.length)
    for (let i = 0; i < into.length; i++) {
      const z = normalQuantile((bits[i] + 0.5) / 2 ** 32)
      into[i] = turned ? -z : z
    }
  }
}
