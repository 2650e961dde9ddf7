import { existsSync, readFileSync } from 'node:fs'
import { configureRuntime, fromArray, key, mapTree, ndarray, sizeOf, type Tensor } from '../../engine/index.ts'
import type { DecoderConfig } from '../../kits/lm/config.ts'
import { initDecoder } from '../../kits/lm/init.ts'
import type { DecoderParams } from '../../kits/lm/params.ts'
import { anyBatch, modelOf } from './speed-unit.ts'
import { type TuningPlan, tuningOf } from './tuning.ts'

/*
 * A process whose peak memory is that of some training steps. Its argument is a `ProcessRun` as JSON; it prints the peak of its resident memory, in
 * bytes.
 */

export interface ProcessRun {
  readonly plan: TuningPlan
  readonly width: number
  readonly layers: number
  readonly batch: number
  readonly context: number
  readonly steps: number
}

const { plan, steps, ...shape } = JSON.parse(process.argv[2]) as ProcessRun
configureRuntime({ threads: 1 })
await train()
console.log(peakResident())

/** Linux keeps the peak of a process in /proc; elsewhere it is what getrusage says. */
function peakResident(): number {
  const own = /^VmHWM:\s+(\d+) kB$/m.exec(existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '')
  return 1024 * (own ? Number(own[1]) : process.resourceUsage().maxRSS)
}

async function train(): Promise<void> {
  const config = modelOf(shape)
  const { trainer, controller } = tuningOf({ config, params: anyParams(config) }, plan, { learningRate: 1e-3, steps: steps + 1 })
  for (let step = 0; step < steps; step++) {
    controller?.onOptimizerStep(step)
    await trainer.step([anyBatch(shape, step)])
  }
}

/** Numbers that are as good as any: drawing them in a graph would take more memory than training does. */
function anyParams(config: DecoderConfig): DecoderParams {
  const numbers = (length: number) => Float32Array.from({ length }, (_, i) => 0.02 * Math.sin(i))
  return mapTree(initDecoder(config, key(0)), ({ shape: extents }: Tensor) =>
    fromArray(ndarray(numbers(sizeOf(extents)), extents, 'float32')),
  )
}
