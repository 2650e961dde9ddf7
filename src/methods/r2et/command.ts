import type { Verb } from '../method.ts'
import { auditVerb } from './verb-audit.ts'
import { explainVerb } from './verb-explain.ts'
import { trainVerb } from './verb-train.ts'

/** `quire r2et …`, on the user's own data. */
export const verbs: readonly Verb[] = [trainVerb, explainVerb, auditVerb]
