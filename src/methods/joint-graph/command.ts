import type { Verb } from '../method.ts'
import { convertVerb } from './verb-convert.ts'
import { evalVerb } from './verb-eval.ts'
import { sampleVerb } from './verb-sample.ts'
import { trainVerb } from './verb-train.ts'

/** `quire joint-graph …`, on the user's own graphs. */
export const verbs: readonly Verb[] = [trainVerb, sampleVerb, evalVerb, convertVerb]
