/**
 * What every method of the registry must do. The checks reach a method by its card alone, as a user does; `npm test` runs the quick ones,
 * `npm run test:methods` all.
 *
 * @module
 */
import { codeBlocks } from './code-blocks.ts'
import { configInput } from './config-input.ts'
import { controlsDiffer } from './controls.ts'
import { dtypes } from './dtypes.ts'
import { graphs } from './graphs.ts'
import { help } from './help.ts'
import { learns } from './learns.ts'
import { controlsFail, readme } from './readme.ts'
import { resumeExact } from './resume.ts'
import { seeds } from './seeds.ts'
import { smoke } from './smoke.ts'
import { verbInput } from './verb-input.ts'

export { type Check, violations } from './check.ts'
export { graphChanges, graphsIn, keptGraphs } from './graphs.ts'
export { makeSetting, type Setting } from './setting.ts'

// `graphs` needs a process that has compiled nothing before the smoke run.
export const checks = [
  readme,
  controlsFail,
  configInput,
  smoke,
  graphs,
  learns,
  controlsDiffer,
  seeds,
  resumeExact,
  help,
  dtypes,
  codeBlocks,
  verbInput,
] as const

/** Those that a toolbox must pass as well. */
export const toolboxChecks = [help, verbInput] as const
