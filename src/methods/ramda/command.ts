import type { Verb } from '../method.ts'

export const verbs: readonly Verb[] = []
