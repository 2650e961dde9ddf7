import { join } from 'node:path'
import { readJson } from './disk.ts'
import { machine } from './machine.ts'
import type { Report } from './report.ts'
import { listRuns } from './run-list.ts'

export interface Speed {
  readonly flopsPerSecond: number
  /** Where the figure comes from, for people. */
  readonly from: string
}

/** The speed of the newest complete run of a method on this processor, over all of its work. */
function speedOfLastRun(method: string, root: string): Speed | undefined {
  for (const { folder, status } of listRuns(join(root, method)).reverse()) {
    const report = status === 'complete' ? (readJson(join(folder, 'report.json')) as Report | undefined) : undefined
    if (!report?.cost?.flops || report.machine.cpu !== machine().cpu || report.cost.seconds < 0.5) continue
    return { flopsPerSecond: report.cost.flops / report.cost.seconds, from: `as measured over ${folder}` }
  }
  return undefined
}

/** Multiplies small matrices in plain JavaScript for a moment; what one thread of any engine at least does. */
function speedOfPlainProduct(): Speed {
  const n = 96
  const a = Float32Array.from({ length: n * n }, (_, i) => Math.sin(i))
  const c = new Float32Array(n * n)
  const begun = performance.now()
  let products = 0
  while (performance.now() - begun < 60) {
    for (let i = 0; i < n; i++)
      for (let k = 0; k < n; k++) {
        const factor = a[i * n + k]
        for (let j = 0; j < n; j++) c[i * n + j] += factor * a[k * n + j]
      }
    products++
  }
  const seconds = (performance.now() - begun) / 1000
  return {
    flopsPerSecond: (2 * n ** 3 * products) / seconds,
    from: 'the speed of a plain matrix product here; a first run makes this exact',
  }
}

/** Floating-point operations a second to expect of a method on this machine. */
export const machineSpeed = async (method: string, root = 'runs'): Promise<Speed> => speedOfLastRun(method, root) ?? speedOfPlainProduct()
