import { sizeOf } from './array.ts'
import { elementFormats } from './elements.ts'
import { InputError } from './errors.ts'

/*
 * The header of a safetensors file. Every statement of it is checked before a byte of the tensors is touched.
 */

/** The header's size limit, that of the reference implementation. */
const headerLimit = 100_000_000

/** Where a tensor's bytes lie: from `begin` to `end`, counted from the start of the body. */
export interface Layout {
  readonly name: string
  readonly format: string
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

export interface Header {
  /** Where the tensors' bytes begin. */
  readonly bodyStart: number
  readonly layouts: readonly Layout[]
  readonly metadata: Record<string, string>
}

/** The header's length and its 8 bytes, that is where the body starts. `first`: at least the first 9 bytes of a file of `size`. */
export function headerEnd(first: Uint8Array, size: number, where: string): number {
  if (size < 8) throw damaged(`offset 0: ${size} bytes are too few for the header's length`, where)
  const length = Number(new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true))
  if (length > headerLimit) throw damaged(`offset 0: a header of ${length} bytes is above the format's ${headerLimit}`, where)
  if (length > size - 8) throw damaged(`offset 0: a header of ${length} bytes does not fit a file of ${size}`, where)
  if (first[8] !== 0x7b) throw damaged('offset 8: the header does not begin with {', where)
  return 8 + length
}

const damaged = (what: string, where: string, cause?: unknown) =>
  new InputError(what, { where, cause, fix: 'the file is damaged or not a safetensors file' })

/** Reads and checks the header. `bytes`: the file of `size` bytes, or its beginning up to the end of the header. @throws InputError */
export function readHeader(bytes: Uint8Array, size: number, where: string): Header {
  const bodyStart = headerEnd(bytes, size, where)
  const entries = parseHeader(bytes.subarray(8, bodyStart), where)
  const metadata = readMetadata(entries.get('__metadata__'), where)
  entries.delete('__metadata__')
  const layouts = [...entries].map(([name, entry]) => readLayout(name, entry, where))
  requireGapless(layouts, { begin: bodyStart, length: size - bodyStart }, where)
  return { bodyStart, layouts, metadata }
}

function parseHeader(json: Uint8Array, where: string): Map<string, unknown> {
  let text: string
  let parsed: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(json)
    parsed = JSON.parse(text)
  } catch (cause) {
    throw damaged(`offset 8: the header is not JSON (${(cause as Error).message})`, where, cause)
  }
  const repeated = repeatedKey(text)
  if (repeated !== undefined) throw damaged(`the header has the key ${repeated} twice`, where)
  return new Map(Object.entries(parsed as object))
}

/** The first key that an object of this (valid) JSON text has twice, as it is written; JSON.parse would silently keep the last one. */
function repeatedKey(text: string): string | undefined {
  const open: Set<string>[] = []
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '{' || character === '[') open.push(new Set())
    else if (character === '}' || character === ']') open.pop()
    else if (character === '"') {
      const end = endOfString(text, at)
      const raw = text.slice(at, end)
      at = end - 1
      if (!isKey(text, end)) continue
      const key = JSON.parse(raw) as string
      if (open.at(-1)!.has(key)) return raw
      open.at(-1)!.add(key)
    }
  }
  return undefined
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function isKey(text: string, afterString: number): boolean {
  let at = afterString
  while (' \t\n\r'.includes(text[at]) && at < text.length) at++
  return text[at] === ':'
}

function readMetadata(entry: unknown, where: string): Record<string, string> {
  if (entry === undefined) return {}
  const legal = isRecord(entry) && Object.values(entry).every((value) => typeof value === 'string')
  if (!legal) throw new InputError('__metadata__ is not a record of strings', { where })
  return entry as Record<string, string>
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0)

function readLayout(name: string, entry: unknown, file: string): Layout {
  const fail = (what: string) => new InputError(what, { where: `${file}: tensor "${name}"` })
  const keys = isRecord(entry) ? Object.keys(entry).sort().join() : ''
  if (keys !== 'data_offsets,dtype,shape') throw fail('its entry is not { dtype, shape, data_offsets }')
  const { dtype: format, shape, data_offsets: offsets } = entry as Record<string, unknown>
  if (typeof format !== 'string' || !Object.hasOwn(elementFormats, format)) {
    throw fail(`dtype ${JSON.stringify(format)} is not read; Quire reads ${Object.keys(elementFormats).join(' ')}`)
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) throw fail(`shape ${JSON.stringify(shape)} is not a list of sizes`)
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount) || offsets[0] > offsets[1]) {
    throw fail(`data_offsets ${JSON.stringify(offsets)} are not [begin, end]`)
  }
  const [begin, end] = offsets as [number, number]
  const expected = sizeOf(shape) * elementFormats[format].bytes
  if (expected !== end - begin)
    throw fail(`shape [${shape.join(', ')}] of ${format} takes ${expected} bytes; data_offsets give ${end - begin}`)
  return { name, format, shape, begin, end }
}

/** The format's own rule: the tensors cover the body exactly, so nothing can be hidden between, under or after them. */
function requireGapless(layouts: readonly Layout[], body: { begin: number; length: number }, where: string): void {
  const { length } = body
  const inOrder = [...layouts].sort((a, b) => a.begin - b.begin || a.end - b.end)
  let covered = 0
  for (const { name, begin, end } of inOrder) {
    const fault =
      begin > covered
        ? 'leaves a hole before it'
        : begin < covered
          ? 'overlaps the one before it'
          : end > length
            ? 'ends outside the file'
            : ''
    if (fault)
      throw new InputError(`its bytes ${begin} to ${end} ${fault} (at ${covered} of ${length})`, { where: `${where}: tensor "${name}"` })
    covered = end
  }
  if (covered !== length) throw new InputError(`byte ${body.begin + covered}: ${length - covered} bytes follow the last tensor`, { where })
}

/** The beginning of a file with these tensors one after another. @throws InputError where it would be too long, or metadata is not text. */
export function headerBytes(
  tensors: readonly { readonly name: string; readonly format: string; readonly shape: readonly number[] }[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const described: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', sortedText(metadata)]] : []
  let end = 0
  for (const { name, format, shape } of tensors) {
    const begin = end
    end += sizeOf(shape) * elementFormats[format].bytes
    described.push([name, { dtype: format, shape, data_offsets: [begin, end] }])
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(described)))
  const length = Math.ceil(json.length / 8) * 8
  if (length > headerLimit) throw new InputError(`the header would have ${length} bytes; the format allows ${headerLimit}`)
  const bytes = new Uint8Array(8 + length).fill(0x20, 8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true)
  bytes.set(json, 8)
  return bytes
}

function sortedText(metadata: Readonly<Record<string, string>>): Record<string, string> {
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') throw new InputError(`metadata "${key}" is not text`, { fix: 'write it as a string' })
  }
  return Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)))
}
