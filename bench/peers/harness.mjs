/** What every JavaScript peer does around its own training step: arguments, files, the clock, one line of JSON. harness.py is its twin. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readSafetensors } from '../safetensors.mjs'

export function readArguments() {
  const text = { type: 'string' }
  const { values } = parseArgs({ options: { work: text, workload: text, threads: text, seconds: text, losses: text, variant: text } })
  return { ...values, threads: Number(values.threads), seconds: Number(values.seconds), losses: Number(values.losses) }
}

/** The workload's description, its first weights, and its batches as host arrays { shape, data }. */
export function load({ work, workload }) {
  const spec = JSON.parse(readFileSync(join(work, `${workload}.json`), 'utf8'))
  const weights = readSafetensors(join(work, `${workload}.weights.safetensors`))
  const data = readSafetensors(join(work, `${workload}.batches.safetensors`))
  const row = ({ shape: [count, ...shape], data }, i) => {
    const length = data.length / count
    return { shape, data: data.slice(i * length, (i + 1) * length) }
  }
  const batches = Array.from({ length: spec.batches }, (_, i) => ({ x: row(data.x, i), y: row(data.y, i) }))
  return { spec, weights, batches }
}

const sorted = (values) => [...values].sort((a, b) => a - b)
export const median = (values) => {
  const all = sorted(values)
  const half = all.length / 2
  return all.length % 2 ? all[Math.floor(half)] : (all[half - 1] + all[half]) / 2
}

/** step(i) trains on batch i and resolves to the loss as a number; reset() goes back to the first weights. */
export async function measure(args, spec, step, reset, versions) {
  const timed = async (i) => {
    const start = performance.now()
    const loss = await step(i % spec.batches)
    return [performance.now() - start, loss]
  }
  const warm = []
  for (let i = 0; i < args.losses; i++) warm.push(await timed(i))
  const estimate = median(warm.slice(warm.length >> 1).map(([ms]) => ms))
  const count = Math.max(5, Math.min(5000, Math.round((1000 * args.seconds) / estimate)))
  const times = []
  for (let i = 0; i < count; i++) {
    if ((args.losses + i) % spec.resetEvery === 0) await reset()
    times.push((await timed(args.losses + i))[0])
  }
  const result = {
    losses: warm.map(([, loss]) => loss),
    firstMs: warm[0][0],
    medianMs: median(times),
    minMs: Math.min(...times),
    steps: count,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
    threads: args.threads,
    versions: { node: process.versions.node, ...versions },
  }
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
}
