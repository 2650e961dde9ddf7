/**
 * What generated code is judged by.
 *
 * @module
 */
export { type Bleu, type BleuPair, bleu } from './bleu.ts'
export { type ChrfOptions, chrf } from './chrf.ts'
export { exactMatch, inOneLine, isMatched, withSingleSpaces } from './exact-match.ts'
export { passAtK } from './pass-at-k.ts'
