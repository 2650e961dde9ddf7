import { InputError, type NDArray, sizeOf } from '../../engine/index.ts'

/** Everything about a variational autoencoder but its numbers (Kingma & Welling 2014): plain data, kept beside them in its file. */
export interface VaeConfig {
  /** `mlp`: layers of `hidden` units. `conv`: a 4 × 4 convolution of stride 2 for each of `hidden` channels, and the way back. */
  readonly kind: 'mlp' | 'conv'
  readonly hidden: readonly number[]
  /** Extent of the latent code. */
  readonly latent: number
  /** Of one example: [features], or [channels, height, width] for `conv`. */
  readonly shape: readonly number[]
  /** Least and most of the data, which become 0 and 1 inside. */
  readonly range: readonly [number, number]
}

/** A model as plain data. */
export interface VaeModel<P = unknown> {
  readonly config: VaeConfig
  readonly params: P
}

/** @throws InputError for a config that makes no model, with where it comes from. */
export function checkVae({ kind, hidden, latent, shape, range }: VaeConfig, where = 'VAE'): void {
  const counts = [...hidden, latent, ...shape]
  if (hidden.length === 0 || counts.some((count) => !Number.isInteger(count) || count < 1))
    throw new InputError(`hidden [${hidden}], latent ${latent}, shape [${shape}]: whole numbers from 1 are needed`, { where })
  if (!(range[0] < range[1])) throw new InputError(`'range' [${range}] holds nothing`, { where })
  if (kind !== 'conv') return
  const factor = 2 ** hidden.length
  if (shape.length !== 3 || shape[1] % factor !== 0 || shape[2] % factor !== 0)
    throw new InputError(
      `'shape' is [${shape}]: ${hidden.length} convolutions of stride 2 need images whose sides are multiples of ${factor}`,
      {
        where,
        fix: 'take fewer of them, or kind mlp',
      },
    )
}

/** @throws InputError for data of another shape or beyond the range. */
export function checkVaeData({ shape, range: [least, most] }: VaeConfig, x: NDArray): void {
  if (x.shape.slice(1).join() !== shape.join() || sizeOf(x.shape) === 0)
    throw new InputError(`examples of shape [${x.shape.slice(1)}] do not fit the model's [${shape}]`)
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of x.data) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  const slack = 1e-4 * (most - least)
  if (!(low >= least - slack && high <= most + slack))
    throw new InputError(`the data go from ${low} to ${high}, beyond the model's range [${least}, ${most}]`, { fix: 'scale them' })
}
