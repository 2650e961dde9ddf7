import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { InputError } from '../src/engine/errors.ts'
import type { Reader } from './readers.ts'

/** What a reader may take for one file: a second, and four times its size and what it holds. */
export const limits = {
  seconds: 1,
  timesTheFile: 4,
  /** Garbage of one small file, which nobody has collected yet. */
  bytesBeside: 2 ** 23,
  /** What the process holds until its garbage is worth collecting. */
  collectable: 2 ** 26,
}

/** What errors must call the file. */
const where = 'a file from anywhere'

/** A place in a file: `byte 12`, `line 3`, `tensor "x"` …; or the whole of it, where it is packed or read as one piece. */
const place =
  /\b(byte|offset|line|element|pixel|column|member|header|tensor|node|input|operator|attribute|graph|molecule)s? ?["'\d[{-]|"[^"]*"|'[^']*'|\bcolumn\b|__metadata__|gzip file|\.json is damaged|cannot be used/

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What one collection finds of array buffers is freed beside the program, and counts as held until then; the next one waits for that. */
export function collectGarbage(): void {
  collect()
  collect()
}

const held = (): number => {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

interface Taken {
  readonly refused: boolean
  readonly seconds: number
  readonly grown: number
  /** What was read; it counts as taken until that has been measured. */
  readonly result: unknown
}

/** How a good reader takes a damaged file; throws where it does not. */
export async function tryCase(reader: Reader, bytes: Uint8Array): Promise<Taken> {
  const most = limits.timesTheFile * bytes.length + limits.bytesBeside
  let taken = await take(reader, bytes)
  // Another process may have had the processor meanwhile, or a table that outlives the case have grown.
  for (let again = 0; again < 2 && (taken.seconds > limits.seconds || taken.grown > most); again++) {
    collectGarbage() // of the case before, which would be collected in this one
    taken = await take(reader, bytes)
  }
  const { seconds, grown } = taken
  if (seconds > limits.seconds) throw new Error(`took ${seconds.toFixed(1)} s for ${bytes.length} bytes`)
  if (grown > most) throw new Error(`took ${grown} bytes of memory for ${bytes.length} bytes`)
  return taken
}

async function take(reader: Reader, bytes: Uint8Array): Promise<Taken> {
  const before = held()
  const begun = performance.now()
  let refused = false
  let result: unknown
  try {
    result = await reader.read(bytes, where)
  } catch (error) {
    refused = true
    requireTyped(error, reader)
  }
  const seconds = (performance.now() - begun) / 1000
  const grown = held() - before
  return { refused, seconds, grown, result }
}

function requireTyped(error: unknown, { name, decoder }: Reader): void {
  if (!(error instanceof InputError)) throw error
  if (/[\n\r]/.test(error.message)) throw new Error(`the error of ${name} has several lines: ${JSON.stringify(error.message)}`)
  if (!error.where) throw new Error(`the error of ${name} names no file: ${error.message}`)
  if (!decoder && !place.test(error.message)) throw new Error(`the error of ${name} says no place: ${error.message}`)
}
