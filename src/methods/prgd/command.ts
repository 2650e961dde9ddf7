import type { Verb } from '../method.ts'
import { certifyVerb } from './verb-certify.ts'
import { compareVerb } from './verb-compare.ts'
import { fitVerb } from './verb-fit.ts'
import { trainVerb } from './verb-train.ts'

/** `quire prgd …`, on the user's own data. */
export const verbs: readonly Verb[] = [fitVerb, compareVerb, certifyVerb, trainVerb]
