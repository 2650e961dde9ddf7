import type { Verb } from '../../methods/method.ts'
import { convert } from './convert.ts'
import { evaluate } from './eval.ts'
import { generate } from './generate.ts'
import { inspect } from './inspect.ts'
import { serve } from './serve.ts'
import { tokenizer } from './tokenizer.ts'
import { train } from './train.ts'

/** The verbs of `quire lm`. */
export const verbs: readonly Verb[] = [train, evaluate, generate, serve, tokenizer, inspect, convert]
