import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { ProcessRun } from './memory-child.ts'

const run = promisify(execFile)

/** The compiled child beside this module. */
const child = fileURLToPath(new URL('./memory-child.js', import.meta.url))

/**
 * By how many bytes the peak resident memory of a fresh process that takes some training steps exceeds that of one that has loaded the runtime and run
 * a tiny graph. Fresh, since a process never gives back what an earlier run made it take.
 */
export async function peakIncrease(what: ProcessRun, signal: AbortSignal): Promise<number> {
  const [bare, trained] = [await peakOf({ ...what, steps: 0 }, signal), await peakOf(what, signal)]
  return trained - bare
}

async function peakOf(what: ProcessRun, signal: AbortSignal): Promise<number> {
  const { stdout } = await run(process.execPath, [child, JSON.stringify(what)], { signal })
  return Number(stdout)
}
