/** What a workload's step takes, in memory: explain()'s prediction beside the growth of the resident memory over the first step. */
import { readFileSync, writeFileSync } from 'node:fs'
import { compile } from '../../dist/engine/compile/program.js'
import { tensorsOf, trace } from '../../dist/engine/graph/trace.js'
import { explain } from '../../dist/engine/inspect/index.js'
import { report } from '../peers/harness.mjs'
import { workloadStep } from './step.mjs'

const { transition, state, batch } = await workloadStep()
const explanation = await explain(transition, state, batch)
const program = await compile(trace(transition, [state, batch]), { what: 'memory.mjs', why: 'to run it once' })
const inputs = tensorsOf([state, batch]).map(({ node }) => node.value)
const argumentBytes = inputs.reduce((sum, { data }) => sum + data.byteLength, 0)

const resident = (field) => 1024 * Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))[1])
globalThis.gc()
// Sets the kernel's note of the highest resident memory back to the present one.
writeFileSync('/proc/self/clear_refs', '5')
const before = resident('VmRSS')
await program.run(inputs)
const grown = resident('VmHWM') - before
const resultBytes = explanation.outsideBytes - argumentBytes
report({ predictedBytes: explanation.peakBytes + resultBytes, intermediateBytes: explanation.peakBytes, resultBytes, grownBytes: grown })
