// Runs examples, given as JSON on standard input: [{ name, file, code }]. Prints a JSON line for each that fails.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'

/** The value that a comment writes, if it is one: `[1, 2.5]`, `{ a: 'b' }`, `Float32Array [1, 2]`. `…` ends a list that goes on. */
function writtenValue(text) {
  const literal = text.replace(/^(Float32|Float64|Int32|Uint8|Uint32)Array /, '').replace(/,? *…\]/g, ", '…']")
  try {
    return { value: new Function(`return (${literal})`)() }
  } catch {
    return undefined
  }
}

/** Half of the last digit that a comment writes of a number; whole numbers are meant exactly. */
function tolerance(expected, text) {
  const written = [...text.matchAll(/-?\d+(?:\.(\d+))?(?:e([+-]?\d+))?/gi)].find(([number]) => Number(number) === expected)
  const [, decimals, exponent] = written ?? []
  return decimals === undefined && exponent === undefined ? 0 : 0.501 * 10 ** (Number(exponent ?? 0) - (decimals?.length ?? 0))
}

function agrees(value, expected, text) {
  if (typeof expected === 'number' && typeof value === 'number')
    return Object.is(value, expected) || Math.abs(value - expected) <= tolerance(expected, text)
  if (Array.isArray(expected)) {
    if (!Array.isArray(value) && !ArrayBuffer.isView(value)) return false
    const open = expected.at(-1) === '…'
    const listed = open ? expected.slice(0, -1) : expected
    return (open ? value.length > listed.length : value.length === listed.length) && listed.every((item, i) => agrees(value[i], item, text))
  }
  if (expected && typeof expected === 'object') {
    const names = Object.keys(expected)
    return (
      !!value &&
      typeof value === 'object' &&
      Object.keys(value).length === names.length &&
      names.every((name) => agrees(value[name], expected[name], text))
    )
  }
  return value === expected
}

const shown = (value) => inspect(value, { breakLength: Infinity, compact: 10, depth: 6 })

globalThis.$check = (value, text) => {
  const expected = writtenValue(text)
  if (expected ? agrees(value, expected.value, text) : [String(value), shown(value)].includes(text)) return
  throw new Error(`is said to be ${text}, is ${shown(value)}`)
}

process.env.QUIRE_OFFLINE = '1'
delete process.env.QUIRE_DATA
const report = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)
console.log = console.warn = console.error = () => {}
let input = ''
for await (const chunk of process.stdin) input += chunk
for (const { name, file } of JSON.parse(input)) {
  const folder = mkdtempSync(join(tmpdir(), 'quire-example-'))
  process.chdir(folder)
  const start = performance.now()
  try {
    await import(file)
    report({ name, ms: performance.now() - start })
  } catch (error) {
    report({ name, ms: performance.now() - start, error: String(error?.message ?? error).split('\n')[0] })
  }
  process.chdir(tmpdir())
  rmSync(folder, { recursive: true, force: true })
}
process.exit(0)
