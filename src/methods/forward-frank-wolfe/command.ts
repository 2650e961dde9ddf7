import type { Verb } from '../method.ts'

/** `quire forward-frank-wolfe …`, on the user's own data. */
export const verbs: readonly Verb[] = []
