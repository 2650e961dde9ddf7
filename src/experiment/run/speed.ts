import { join } from 'node:path'
import type { Report } from '../report/report.ts'
import { readJson } from './disk.ts'
import { machine } from './machine.ts'
import { listRuns } from './run-list.ts'

export interface Speed {
  readonly flopsPerSecond: number
  /** Where the figure comes from, for people. */
  readonly from: string
}

/** The speed of the newest complete run of a method on this processor, over all of its work. */
export function speedOfLastRun(method: string, root: string): Speed | undefined {
  for (const { folder, status } of listRuns(join(root, method)).reverse()) {
    const report = status === 'complete' ? (readJson(join(folder, 'report.json')) as Report | undefined) : undefined
    if (!report?.cost?.flops || report.machine.cpu !== machine().cpu || report.cost.seconds < 0.5) continue
    return { flopsPerSecond: report.cost.flops / report.cost.seconds, from: `as measured over ${folder}` }
  }
  return undefined
}

const size = 640

/** The fastest of some matrix products on the engine. Training has much besides, so that a tenth of this speed is what a first guess takes. */
async function speedOfProduct(): Promise<Speed> {
  const { evaluate, jit, key, matmul, mul, random } = await import('../../engine/index.ts')
  const product = jit((x: typeof factor, y: typeof factor) => mul(matmul(x, y), 2 / size))
  const factor = await evaluate(random.uniform(key(0), [size, size]))
  let x = await evaluate(product(factor, factor))
  let fastest = Number.POSITIVE_INFINITY
  const begun = performance.now()
  // Beside other work most of them wait for it: a few more find one that did not.
  for (let products = 0; products < 12 || performance.now() - begun < 150; products++) {
    const before = performance.now()
    x = await evaluate(product(x, factor))
    fastest = Math.min(fastest, (performance.now() - before) / 1000)
  }
  return {
    flopsPerSecond: (2 * size ** 3) / fastest / 10,
    from: 'a tenth of the speed of a matrix product here; after a first run its own speed is taken',
  }
}

/** Floating-point operations a second to expect of a method on this machine. */
export const machineSpeed = async (method: string, root = 'runs'): Promise<Speed> =>
  speedOfLastRun(method, root) ?? (await speedOfProduct())
