import type { Verb } from '../method.ts'

/** `quire lisa …`, on the user's own models and data. */
export const verbs: readonly Verb[] = []
