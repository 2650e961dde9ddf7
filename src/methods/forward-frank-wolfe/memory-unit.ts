import type { Findings, UnitContext } from '../../experiment/index.ts'
import type { Config } from './config.ts'
import { type MemoryMode, memoryPlan } from './memory.ts'
import { peakIncrease } from './process-memory.ts'

const mebibyte = 2 ** 20

/** Memory of a training step against depth: of its graph, and of a process. */
export async function memoryUnit({ config, signal, progress, log }: UnitContext<Config, unknown>): Promise<Findings> {
  const { depths, width, batch, process } = config.memory
  const mode = config.variant as MemoryMode
  const measurements: Record<string, number> = {}
  for (const [i, depth] of depths.entries()) {
    const { activationBytes, parameterBytes, stateBytes } = memoryPlan({ depth, width, batch }, mode)
    log(depth, { activationBytes, parameterBytes, stateBytes })
    measurements[`activationMiB-${depth}`] = activationBytes / mebibyte
    measurements[`parameterMiB-${depth}`] = (parameterBytes + stateBytes) / mebibyte
    await progress(i + 1, depths.length + process.steps, `depth ${depth}`)
  }
  if (mode !== 'tapeKept' && process.steps > 0)
    measurements.processMiB = (await peakIncrease({ ...process, width, mode }, signal)) / mebibyte
  return { measurements }
}
