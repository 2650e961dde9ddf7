import { existsSync, readFileSync } from 'node:fs'
import { configureRuntime, evaluate, key, ones, random, sum, tensor } from '../../engine/index.ts'
import { crossEntropy, type LayeredParams } from '../../nn/index.ts'
import { trainStep } from '../../train/index.ts'
import { classes, deepNetwork, type MemoryMode, optimizerFor } from './memory.ts'

/*
 * A process whose peak memory is that of some training steps, or with no steps that of the runtime alone. Its argument is a `ProcessRun` as JSON; it
 * prints the peak of its resident memory, in bytes.
 */

export interface ProcessRun {
  readonly mode: Exclude<MemoryMode, 'tapeKept'>
  readonly depth: number
  readonly width: number
  readonly batch: number
  /** Steps; with 0 one tiny graph is run instead. */
  readonly steps: number
}

const { mode, steps, ...network } = JSON.parse(process.argv[2]) as ProcessRun
configureRuntime({ threads: 1 })
await evaluate(sum(ones([2, 2])))
if (steps > 0) await train()
console.log(peakResident())

/**
 * Linux keeps the peak of a process in /proc. What `getrusage` says there is inherited from the process that started this one, if that was larger;
 * elsewhere it is the peak.
 */
function peakResident(): number {
  const own = /^VmHWM:\s+(\d+) kB$/m.exec(existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '')
  return 1024 * (own ? Number(own[1]) : process.resourceUsage().maxRSS)
}

async function train(): Promise<void> {
  const model = deepNetwork(network)
  const { x, y } = await evaluate({
    x: random.normal(key(1), [network.batch, network.width]),
    y: tensor(Int32Array.from({ length: network.batch }, (_, i) => i % classes)),
  })
  const step = trainStep((p: LayeredParams, batch) => crossEntropy(model.apply(p, batch.x), batch.y), optimizerFor(mode))
  let state = step.init(await evaluate(model.init(key(0))))
  for (let k = 0; k < steps; k++) state = await step(state, { x: await x.ndarray(), y: await y.ndarray() })
}
