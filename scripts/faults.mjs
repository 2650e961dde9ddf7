// Fails file operations of a tiny run of every method and resumes: npm run test:faults -- [--method X | --sample N [--seed S]] [--mode error|full|killed|power] [--faults 40 | --all]
// Of each method so many operations, spread evenly over its run; with --all each of them, in each way.
import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runnerImport } from 'vite'
import { drawn, sampleOptions } from './drawn.mjs'

const { values } = parseArgs({
  options: {
    method: { type: 'string' },
    mode: { type: 'string' },
    faults: { type: 'string', default: '40' },
    all: { type: 'boolean' },
    part: { type: 'boolean' },
    ...sampleOptions,
  },
})
const load = async (path) => (await runnerImport(fileURLToPath(new URL(`../src/${path}`, import.meta.url)))).module

const { methods } = await load('methods/index.ts')
const { modes } = await load('experiment/testing/sweep.ts')
const chosen = {
  methods: methods.map(({ name }) => name).filter((name) => values.method === undefined || name === values.method),
  modes: modes.filter((mode) => values.mode === undefined || mode === values.mode),
}
if (!chosen.methods.length || !chosen.modes.length) {
  console.error(`test:faults: methods are ${methods.map(({ name }) => name).join(', ')}; modes are ${modes.join(', ')}`)
  process.exit(2)
}

/** One method, in a process of its own. Its module works while it is imported: afterwards nothing more can be. */
async function part() {
  globalThis.sweepOptions = { method: values.method, modes: chosen.modes, faults: values.all ? undefined : Number(values.faults) }
  await load('cli/testing/sweep-methods.ts')
  process.disconnect()
  process.exit(0)
}

function swept(method) {
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(import.meta.url), ['--part', ...process.argv.slice(2), '--method', method])
    const lost = (status) => resolve({ operations: 0, cases: 0, failures: [`${method}: its process ended with ${status}`] })
    child.on('exit', lost)
    child.on('message', ({ swept, stage, of, cases, failed, newest }) => {
      if (swept) resolve(swept)
      else console.error(`${method}: ${stage} of ${of} stages, ${cases} faults, ${failed} failures${newest ? `, such as ${newest}` : ''}`)
    })
  })
}

async function all() {
  const begun = performance.now()
  const queue = drawn(chosen.methods, values)
  const total = { cases: 0, failed: 0 }
  const work = async () => {
    for (let method = queue.shift(); method; method = queue.shift()) {
      const { operations, cases, failures } = await swept(method)
      console.log(`${method.padEnd(20)} ${operations} operations, ${cases} faults, ${failures.length} failures`)
      for (const failure of failures) console.log(`  ${failure}`)
      total.cases += Math.max(cases, failures.length)
      total.failed += failures.length
    }
  }
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work))
  console.log(`${((performance.now() - begun) / 1000).toFixed(0)} s`)
  console.log(`${total.cases - total.failed} passed, ${total.failed} failed`)
  process.exit(total.failed > 0 ? 1 : 0)
}

await (values.part ? part() : all())
