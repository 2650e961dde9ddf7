import type { Verb } from '../method.ts'

/** `quire u-turn …`, on the user's own data. */
export const verbs: readonly Verb[] = []
