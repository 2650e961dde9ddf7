import type { Verb } from '../../methods/method.ts'
import { serve } from './serve.ts'

/** The verbs of `quire lm`. */
export const verbs: readonly Verb[] = [serve]
