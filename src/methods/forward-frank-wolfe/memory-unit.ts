import type { Findings, UnitContext } from '../../experiment/index.ts'
import type { Config } from './config.ts'
import { type MemoryMode, memoryPlan } from './memory.ts'
import { peakIncrease } from './process-memory.ts'

/** Memory of a training step against depth: of its graph, and of a process. */
export async function memoryUnit({ config, progress, log }: UnitContext<Config, unknown>): Promise<Findings> {
  const { depths, width, batch, process } = config.memory
  const mode = config.variant as MemoryMode
  const measurements: Record<string, number> = {}
  for (const [i, depth] of depths.entries()) {
    const { activationBytes, intermediateBytes, stateBytes } = memoryPlan({ depth, width, batch }, mode)
    const parameterBytes = stateBytes + intermediateBytes - activationBytes
    log(depth, { activationBytes, intermediateBytes, stateBytes })
    measurements[`activationBytes-${depth}`] = activationBytes
    measurements[`parameterBytes-${depth}`] = parameterBytes
    await progress(i + 1, depths.length + process.steps, `depth ${depth}`)
  }
  if (mode !== 'tapeKept' && process.steps > 0) measurements.processBytes = await peakIncrease({ ...process, width, mode })
  return { measurements }
}
