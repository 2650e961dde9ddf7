import type { Verb } from '../../methods/method.ts'
import { evaluate } from './eval.ts'
import { exportModel } from './export.ts'
import { sample } from './sample.ts'
import { train } from './train.ts'

/** The verbs of `quire diffusion`. */
export const verbs: readonly Verb[] = [train, sample, evaluate, exportModel]
