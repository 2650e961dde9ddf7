/** Where a workload's step spends its time, by operation. */
import { profile } from '../../dist/engine/inspect/index.js'
import { report } from '../peers/harness.mjs'
import { args, workloadStep } from './step.mjs'

const { transition, state, batch } = await workloadStep()
const { milliseconds, operations } = await profile(transition, [state, batch], { runs: args.quick ? 2 : 8 })
report({ milliseconds, operations })
