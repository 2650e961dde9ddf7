import { InputError } from '../../engine/index.ts'

/**
 * The chance that one of k samples drawn from n, c of which are right, is right: 1 − C(n − c, k) / C(n, k) (Chen et al. 2021).
 *
 * @throws InputError where k > n or c > n, or a count is not whole.
 * @example
 * passAtK({ samples: 10, correct: 3, k: 1 }) // 0.3
 */
export function passAtK({ samples, correct, k }: { samples: number; correct: number; k: number }): number {
  const isCount = [samples, correct, k].every((count) => Number.isInteger(count) && count >= 0)
  if (!isCount || k < 1 || k > samples || correct > samples)
    throw new InputError(`pass@${k} of ${samples} samples with ${correct} right cannot be computed`, {
      fix: 'take at least k samples of each task',
    })
  // The product of (1 − k/i) over i from n − c + 1 to n: no factorial overflows.
  let miss = 1
  for (let i = samples - correct + 1; i <= samples; i++) miss *= Math.max(0, 1 - k / i)
  return 1 - miss
}
