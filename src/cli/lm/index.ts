import type { Verb } from '../../methods/method.ts'

/** The verbs of `quire lm`. */
export const verbs: readonly Verb[] = []
