import { readFileSync, writeFileSync } from 'node:fs'
import { limits } from './case.ts'
import { readers } from './readers.ts'

/* How much memory a reader takes for a large good file: its name is the argument, one line of JSON the answer. For a process of its own. */

const memory = (field: 'VmHWM' | 'VmRSS'): number =>
  1024 * Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))![1])

/** Bytes in the typed arrays that a result holds. */
function held(value: unknown): number {
  if (ArrayBuffer.isView(value)) return value.byteLength
  if (typeof value !== 'object' || value === null) return 0
  return Object.values(value).reduce((sum: number, inner) => sum + held(inner), 0)
}

const reader = readers.find(({ name }) => name === process.argv[1])!
await reader.read((await reader.good())[0], 'a small file')
const bytes = new Uint8Array(await reader.large!())
globalThis.gc!()
writeFileSync('/proc/self/clear_refs', '5') // the peak from here on
const before = memory('VmRSS')
const result = await reader.read(bytes, 'a large file')
const [took, file, content] = [memory('VmHWM') - before, bytes.length, held(result)]
process.stdout.write(JSON.stringify({ took, file, content, within: took <= limits.timesTheFile * (file + content) + limits.collectable }))
