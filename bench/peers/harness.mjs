/** What every JavaScript peer does around its own training step: arguments, files, the clock, one line of JSON. harness.py is its twin. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readSafetensors } from '../safetensors.mjs'

export function readArguments() {
  const numbers = ['threads', 'seconds', 'losses', 'limit']
  const named = ['work', 'workload', 'variant', ...numbers].map((name) => [name, { type: 'string' }])
  const { values } = parseArgs({ options: { ...Object.fromEntries(named), quick: { type: 'boolean', default: false } } })
  return { ...values, ...Object.fromEntries(numbers.map((name) => [name, Number(values[name])])) }
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

/** Steps that warm up, and are never timed. */
const WARM = 2
const FEWEST = 3

/**
 * step(i) trains on batch i and resolves to the loss as a number; reset() goes back to the first weights. First the steps whose losses are
 * compared: `losses` of them, or as many as fit into `limit` seconds after the first. Where these already took longer than the timed seconds, they are the timed ones.
 */
export async function measure(args, spec, step, reset, versions) {
  const timed = async (i) => {
    const start = performance.now()
    const loss = await step(i % spec.batches)
    return { ms: performance.now() - start, loss }
  }
  const compared = [await timed(0)]
  const begin = performance.now()
  while (compared.length < args.losses && (compared.length < FEWEST || performance.now() - begin < 1000 * args.limit)) {
    compared.push(await timed(compared.length))
  }
  let times = compared.slice(WARM).map(({ ms }) => ms)
  if (times.reduce((a, b) => a + b, 0) < 1000 * args.seconds) {
    const count = Math.max(5, Math.min(5000, Math.round((1000 * args.seconds) / median(times))))
    times = []
    for (let i = compared.length; times.length < count; i++) {
      if (i % spec.resetEvery === 0) await reset()
      times.push((await timed(i)).ms)
    }
  }
  report({
    losses: compared.map(({ loss }) => loss),
    firstMs: compared[0].ms,
    medianMs: median(times),
    minMs: Math.min(...times),
    steps: times.length,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
    threads: args.threads,
    versions: { node: process.versions.node, ...versions },
  })
}

/** What a measurement found, as its last line; then the end, whatever threads a library may still hold. */
export const report = (result) => process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
