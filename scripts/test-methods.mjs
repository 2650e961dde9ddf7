// Every check of src/conformance on every method, on the built package: npm run build && node scripts/test-methods.mjs [method …] [--check NAME]
import { checks, makeSetting, violations } from '../dist/conformance/index.js'
import { methods } from '../dist/methods/index.js'

const words = process.argv.slice(2)
const at = words.indexOf('--check')
const [only] = at < 0 ? [] : words.splice(at, 2).slice(1)
const chosen = methods.filter(({ name }) => words.length === 0 || words.includes(name))
const setting = makeSetting(new URL('..', import.meta.url).pathname)
const count = { passed: 0, failed: 0 }
try {
  for (const method of chosen) {
    for (const check of checks.filter(({ name }) => only === undefined || name === only)) {
      const [begun, before] = [performance.now(), process.cpuUsage()]
      const found = await violations(check, method, setting)
      count[found.length ? 'failed' : 'passed']++
      console.log(
        `${found.length ? 'FAILED' : 'passed'}  ${method.name.padEnd(20)} ${check.name.padEnd(16)} ${((performance.now() - begun) / 1000).toFixed(1)} s, ${(Object.values(process.cpuUsage(before)).reduce((a, b) => a + b) / 1e6).toFixed(1)} s of the processor`,
      )
      for (const line of found) console.log(`        ${line}`)
    }
  }
} finally {
  setting.close()
}
console.log(`${count.passed} passed, ${count.failed} failed`)
process.exit(count.failed ? 1 : 0)
