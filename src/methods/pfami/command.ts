import type { Verb } from '../method.ts'

/** `quire pfami …`, on the user's own models. */
export const verbs: readonly Verb[] = []
