import type { Verb } from '../method.ts'
import { codebleuVerb } from './verb-codebleu.ts'
import { compareVerb } from './verb-compare.ts'
import { evalVerb } from './verb-eval.ts'
import { mergeVerb } from './verb-merge.ts'
import { trainVerb } from './verb-train.ts'

/** `quire peft-code …`, on the user's own data. */
export const verbs: readonly Verb[] = [trainVerb, mergeVerb, compareVerb, evalVerb, codebleuVerb]
