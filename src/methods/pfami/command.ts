import type { Verb } from '../method.ts'
import { auditVerb } from './verb-audit.ts'
import { scoreVerb } from './verb-score.ts'
import { trainVerb } from './verb-train.ts'

/** `quire pfami …`, on the user's own models. */
export const verbs: readonly Verb[] = [trainVerb, auditVerb, scoreVerb]
