import type { Tensor } from '../tensor.ts'

/** Combines neighbours, then their results: the depth is the logarithm of the count, and of equal elements none gets all of the derivative. */
export function pairwise(parts: readonly Tensor[], combine: (a: Tensor, b: Tensor) => Tensor): Tensor {
  if (parts.length === 1) return parts[0]
  const pairs = Array.from({ length: Math.ceil(parts.length / 2) }, (_, k) => parts.slice(2 * k, 2 * k + 2))
  return pairwise(
    pairs.map(([a, b]) => (b ? combine(a, b) : a)),
    combine,
  )
}
