import type { Verb } from '../method.ts'
import { compactVerb } from './verb-compact.ts'
import { reportVerb } from './verb-report.ts'
import { trainVerb } from './verb-train.ts'

/** `quire ramda …`, on the user's own data. */
export const verbs: readonly Verb[] = [trainVerb, reportVerb, compactVerb]
