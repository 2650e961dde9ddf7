import type { Verb } from '../method.ts'

/** `quire aurora-m …`, on the user's own data. */
export const verbs: readonly Verb[] = []
