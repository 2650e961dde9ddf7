import type { Verb } from '../method.ts'
import { memoryVerb } from './verb-memory.ts'
import { trainVerb } from './verb-train.ts'

/** `quire forward-frank-wolfe …`, on the user's own data. */
export const verbs: readonly Verb[] = [trainVerb, memoryVerb]
