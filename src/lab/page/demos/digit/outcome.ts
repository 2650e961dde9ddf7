/** What a change did to two explanations. */
export type Outcome = 'flips' | 'steadier' | 'alike' | 'reverse'

/** So many pixels of difference are none, and so large a share that stays is the explanation that it was. */
const [fewPixels, staysShare, flippedShare] = [4, 0.75, 0.6]

/**
 * Says honestly what happened: `flips` only where the robust explanation stays and the fragile one loses much, `reverse` where it is the other way round.
 *
 * @param fragile @param robust how many of the k most salient pixels stay.
 */
export function outcomeOf(fragile: number, robust: number, k: number): Outcome {
  if (robust / k >= staysShare && fragile / k <= flippedShare) return 'flips'
  if (Math.abs(robust - fragile) <= fewPixels) return 'alike'
  return robust > fragile ? 'steadier' : 'reverse'
}
