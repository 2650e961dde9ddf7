import type { Verb } from '../method.ts'
import { compareVerb } from './verb-compare.ts'
import { deltaVerb } from './verb-delta.ts'
import { memoryPlanVerb } from './verb-memory-plan.ts'
import { trainVerb } from './verb-train.ts'

/** `quire lisa …`, on the user's own models and text. */
export const verbs: readonly Verb[] = [trainVerb, compareVerb, memoryPlanVerb, deltaVerb]
