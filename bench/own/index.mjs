/** The measures of quire alone: what starts each. Those of `each` are taken of every workload. */
import { fileURLToPath } from 'node:url'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))

/** `threads` is given where not all cores are meant. `runtime` is what it waits for. */
export const measures = [
  { id: 'ceiling', script: 'ceiling.mjs' },
  { id: 'ceiling-python', script: 'ceiling.py', runtime: 'python' },
  { id: 'overhead', script: 'overhead.mjs', threads: 1 },
  { id: 'compile', script: 'compile.mjs' },
  { id: 'memory', script: 'memory.mjs', each: true, runs: process.platform === 'linux' },
  { id: 'scaling', script: 'scaling.mjs' },
  { id: 'steady', script: 'steady.mjs', threads: 1 },
  { id: 'profile', script: 'profile.mjs', each: true },
].filter(({ runs }) => runs !== false)

/** The program and arguments of one measure. */
export function command({ script, runtime }, { python, work, workload, threads, quick }) {
  const flags = quick ? ['--quick'] : []
  if (runtime === 'python') return { file: python, args: [here(script), String(threads), ...flags] }
  const options = { work, threads, ...(workload && { workload }) }
  const named = Object.entries(options).flatMap(([key, value]) => [`--${key}`, String(value)])
  return { file: process.execPath, args: ['--expose-gc', here(script), ...named, ...flags] }
}
