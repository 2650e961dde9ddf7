import type { Verb } from '../method.ts'

/** `quire joint-graph …`, on the user's own graphs. */
export const verbs: readonly Verb[] = []
