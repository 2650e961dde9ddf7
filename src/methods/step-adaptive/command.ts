import type { Verb } from '../method.ts'
import { compareVerb } from './verb-compare.ts'
import { planVerb } from './verb-plan.ts'
import { pruneVerb } from './verb-prune.ts'
import { sampleVerb } from './verb-sample.ts'
import { trainVerb } from './verb-train.ts'

/** `quire step-adaptive …`, on the user's own data. */
export const verbs: readonly Verb[] = [trainVerb, planVerb, pruneVerb, sampleVerb, compareVerb]
