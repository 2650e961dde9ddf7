import type { Verb } from '../method.ts'
import { analyseVerb } from './verb-analyse.ts'

/** `quire u-turn …`, on the user's own data. */
export const verbs: readonly Verb[] = [analyseVerb]
