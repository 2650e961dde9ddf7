/** What every JavaScript peer does around its own code: arguments, the clock, one line of JSON. harness.py is its twin. */
import { promptToken } from '../workloads.mjs'

export const job = JSON.parse(process.argv[2])

export const prompts = Array.from({ length: job.batch }, (_, row) => Array.from({ length: job.prompt }, (_, k) => promptToken(row, k)))

/** Rows [batch, length + 1] of a step's training tokens. */
export const trainingRows = (step) =>
  Array.from({ length: job.batch }, (_, row) => Array.from({ length: job.length + 1 }, (_, k) => promptToken(row + step * job.batch, k)))

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]

async function timesOf(run, seconds, fewest = 3) {
  const times = []
  const begin = performance.now()
  while (times.length < fewest || performance.now() - begin < 1000 * seconds) {
    const start = performance.now()
    await run()
    times.push(performance.now() - start)
  }
  return median(times)
}

/** generate(tokens) → ids of each row. One token is the reading of the prompt; the others are steps. */
export async function measureGeneration(generate, versions) {
  const rows = await generate(job.tokens)
  await generate(1)
  const first = await timesOf(() => generate(1), job.seconds / 2)
  const all = await timesOf(() => generate(job.tokens), job.seconds / 2)
  report({ prefillMs: first, stepMs: (all - first) / (job.tokens - 1), rows, versions })
}

/** step(k) → loss */
export async function measureTraining(step, versions) {
  const losses = []
  for (let k = 0; k < job.compared; k++) losses.push(await step(k))
  let k = job.compared
  report({ stepMs: await timesOf(() => step(k++), job.seconds, 5), losses, versions })
}

function report(result) {
  process.stdout.write(`${JSON.stringify({ ...result, peakRssMb: process.resourceUsage().maxRSS / 1024 })}\n`, () => process.exit(0))
}
