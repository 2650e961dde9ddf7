import type { Verb } from '../method.ts'
import { analyseVerb } from './verb-analyse.ts'
import { editVerb } from './verb-edit.ts'
import { generateVerb } from './verb-generate.ts'

/** `quire u-turn …`, on the user's own data. */
export const verbs: readonly Verb[] = [analyseVerb, generateVerb, editVerb]
