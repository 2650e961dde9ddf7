import type { Verb } from '../method.ts'

/** `quire prgd …`, on the user's own data. */
export const verbs: readonly Verb[] = []
