import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Findings } from '../../experiment/index.ts'
import { type MemoryMethod, memoryPlan } from '../../kits/lm/blocks/index.ts'
import type { Config } from './config.ts'
import type { ProcessRun } from './memory-child.ts'
import { modelOf } from './speed-unit.ts'
import type { TuningPlan } from './tuning.ts'
import type { Context } from './tuning-unit.ts'

const run = promisify(execFile)

/** The compiled child beside this module. */
const child = fileURLToPath(new URL('./memory-child.js', import.meta.url))

const mebibyte = 2 ** 20

/** A model so small that its processes hold little but code: what others take beyond it is theirs. */
const smallest = 32

/**
 * Trains models that grow, each in a fresh process, and says by how much its peak of resident memory exceeds that of a process that trains a tiny model in
 * the same way; beside it what the accountant plans.
 */
export async function processUnit({ config, signal, progress, log }: Context): Promise<Findings> {
  const { widths, layers, batch, context, steps } = config.process
  const plan = tunedAs(config)
  const peakAt = (width: number) => peakOf({ plan, width, layers, batch, context, steps }, signal)
  const plannedAt = (width: number) => memoryPlan(modelOf({ width, layers }), plannedAs(config), { batch, length: context }).total
  const bare = { measured: await peakAt(smallest), planned: plannedAt(smallest) }
  const measurements: Record<string, number> = {}
  const errors: number[] = []
  for (const [i, width] of widths.entries()) {
    const measured = (await peakAt(width)) - bare.measured
    const planned = plannedAt(width) - bare.planned
    log(width, { processMiB: measured / mebibyte, plannedMiB: planned / mebibyte })
    measurements[`processMiB-${width}`] = measured / mebibyte
    measurements[`plannedMiB-${width}`] = planned / mebibyte
    errors.push(Math.abs(measured / planned - 1))
    await progress(i + 1, widths.length, `width ${width}`)
  }
  return {
    measurements: {
      ...measurements,
      processLargestMiB: measurements[`processMiB-${widths[widths.length - 1]}`],
      processPlanError: Math.max(...errors),
    },
  }
}

function tunedAs({ method, activeLayers, process, rank }: Config): TuningPlan {
  const lisa = { activeLayers: Math.min(activeLayers, process.layers), intervalSteps: 2, seed: 0 }
  return method === 'lisa' ? { method, lisa } : method === 'lora' ? { method, rank, seed: 0 } : { method: 'full' }
}

/** What the accountant is told; in the control something else than what is run. */
function plannedAs({ method, variant, activeLayers, process, rank }: Config): MemoryMethod {
  if (variant === 'wrong-plan' || method === 'full') return { kind: 'full' }
  return method === 'lora' ? { kind: 'lora', rank } : { kind: 'lisa', activeLayers: Math.min(activeLayers, process.layers) }
}

async function peakOf(what: ProcessRun, signal: AbortSignal): Promise<number> {
  const { stdout } = await run(process.execPath, [child, JSON.stringify(what)], { signal })
  return Number(stdout)
}
