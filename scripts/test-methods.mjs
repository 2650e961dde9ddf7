// Every check of src/conformance on every method, on the built package: npm run build && node scripts/test-methods.mjs [method …] [--check NAME,…] [--sample N [--seed S]]
// With --sample only so many of them, drawn by --seed, which is another one each time.
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { toolboxes } from '../dist/cli/toolboxes.js'
import { checks, makeSetting, toolboxChecks, violations } from '../dist/conformance/index.js'
import { methods } from '../dist/methods/index.js'
import { drawn, sampleOptions } from './drawn.mjs'

const { values, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { check: { type: 'string' }, ...sampleOptions },
})
const only = values.check?.split(',') ?? checks.map(({ name }) => name)
const groups = [...methods, ...toolboxes]
const unknown = words.find((word) => !groups.some(({ name }) => name === word))
const unknownCheck = only.find((name) => !checks.some((check) => check.name === name))
if (unknown !== undefined || unknownCheck !== undefined) {
  const [kind, names] = unknown === undefined ? [`check '${unknownCheck}'`, checks] : [`method '${unknown}'`, groups]
  console.error(`test-methods: there is no ${kind}; there are ${names.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}
const named = groups.filter(({ name }) => words.length === 0 || words.includes(name))
const chosen = drawn(named, values)
const begun = performance.now()
const count = chosen.length === 1 ? await testHere(chosen[0]) : await testSideBySide(chosen)
if (chosen.length > 1) console.log(`${((performance.now() - begun) / 1000).toFixed(0)} s in all`)
console.log(`${count.passed} passed, ${count.failed} failed`)
process.exitCode = count.failed ? 1 : 0

/** Check after check in this process. */
async function testHere(method) {
  const setting = makeSetting(new URL('..', import.meta.url).pathname)
  const count = { passed: 0, failed: 0 }
  try {
    for (const check of (methods.includes(method) ? checks : toolboxChecks).filter(({ name }) => only.includes(name))) {
      const [begun, before] = [performance.now(), process.cpuUsage()]
      const found = await violations(check, method, setting)
      const { user, system } = process.cpuUsage(before)
      count[found.length ? 'failed' : 'passed']++
      const time = `${((performance.now() - begun) / 1000).toFixed(1)} s, ${((user + system) / 1e6).toFixed(1)} s of the processor`
      console.log(`${found.length ? 'FAILED' : 'passed'}  ${method.name.padEnd(20)} ${check.name.padEnd(16)} ${time}`)
      for (const line of found) console.log(`        ${line}`)
    }
  } finally {
    setting.close()
  }
  return count
}

/** Each method in a process of its own, since a check has a working folder; as many at a time as there are cores. */
async function testSideBySide(all) {
  const left = [...all]
  const count = { passed: 0, failed: 0 }
  const worker = async () => {
    for (let method = left.shift(); method; method = left.shift()) {
      const { passed, failed } = await testApart(method)
      count.passed += passed
      count.failed += failed
    }
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), all.length) }, worker))
  return count
}

/** A method's lines are shown as they come; the last one counts. A process that ends without it has failed. */
function testApart({ name }) {
  const child = spawn(process.execPath, [process.argv[1], name, '--check', only.join(',')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const count = { passed: 0, failed: 1 }
  createInterface({ input: child.stdout }).on('line', (line) => {
    const counted = /^(\d+) passed, (\d+) failed$/.exec(line)
    if (counted) Object.assign(count, { passed: Number(counted[1]), failed: Number(counted[2]) })
    else console.log(line)
  })
  return new Promise((resolve) =>
    child.on('close', (status) => resolve(status === 0 || status === 1 ? count : { ...count, failed: count.failed || 1 })),
  )
}
