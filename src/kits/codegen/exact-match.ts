/**
 * Newlines and tabs become spaces: what the comparison of the paper's code leaves out.
 *
 * @example
 * inOneLine('a\n\tb') // 'a  b'
 */
export const inOneLine = (code: string): string => code.replace(/[\n\t]/g, ' ')

/**
 * All white space becomes single spaces, none at the ends.
 *
 * @example
 * withSingleSpaces(' a\n\tb ') // 'a b'
 */
export const withSingleSpaces = (code: string): string => code.trim().replace(/\s+/gu, ' ')

/**
 * Whether one of the first k predictions is the reference, both in one line and otherwise as they are; or as `normalize` makes them.
 *
 * @example
 * isMatched('x = 1', ['x = 2', 'x = 1'], 1) // false
 */
export function isMatched(
  reference: string,
  predictions: readonly string[],
  k: number,
  normalize: (code: string) => string = inOneLine,
): boolean {
  const wanted = normalize(reference)
  return predictions.slice(0, k).some((prediction) => normalize(prediction) === wanted)
}

/**
 * EM@k: the share of references that are among the first k predictions, 0 to 100.
 *
 * @example
 * exactMatch(['a', 'b'], [['a'], ['c', 'b']], 1) // 50
 */
export function exactMatch(
  references: readonly string[],
  predictions: readonly (readonly string[])[],
  k: number,
  normalize?: (code: string) => string,
): number {
  const matched = references.filter((reference, i) => isMatched(reference, predictions[i] ?? [], k, normalize)).length
  return (100 * matched) / references.length
}
