import type { NDArray } from '../../../engine/index.ts'

/**
 * What an attacker asks of a model: the loss of chosen inputs under chosen noise, an upper bound of −log p(x) or something that rises with it. A diffusion
 * model's denoising error, a VAE's negative ELBO and a language model's −log p are all of this shape.
 */
export interface LikelihoodOracle {
  readonly kind: 'denoising' | 'ddim' | 'elbo' | 'nll'
  /** What the rows of a fluctuation matrix are: noise levels, or draws. */
  readonly rows: readonly string[]
  /** Numbers of noise that a loss takes; 0 where it is deterministic. */
  readonly noise: number
  /** Evaluations of the network that a loss costs. */
  readonly cost: number
  /**
   * Losses [records · versions] of inputs [records, versions, ...shape]. `noise` is float32 [records, 1, size] where all versions of a record share theirs,
   * else [records, versions, size].
   */
  losses(row: number, versions: NDArray, noise: NDArray): Promise<ArrayLike<number>>
}

/** Records whose losses are computed together. Blocks are filled up to it, so that no loss depends on what is scored beside it. */
export const blockRecords = 16
