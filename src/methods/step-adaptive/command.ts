import type { Verb } from '../method.ts'

/** `quire step-adaptive …`, on the user's own data. */
export const verbs: readonly Verb[] = []
