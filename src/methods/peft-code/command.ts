import type { Verb } from '../method.ts'

/** `quire peft-code …`, on the user's own data. */
export const verbs: readonly Verb[] = []
