import { builtin } from '../engine/builtin.ts'
import { InputError } from '../engine/errors.ts'

const { crc32, inflateRawSync } = builtin('node:zlib')

/*
 * Just enough of ZIP for .npz: stored and deflated members, found through the central directory (the local headers of NumPy's writer do not hold sizes).
 */

const endSignature = 0x06054b50
const centralSignature = 0x02014b50
const localSignature = 0x04034b50
const endSize = 22
const centralSize = 46
const localSize = 30

/**
 * The members of a ZIP file by name, decompressed and checked against their CRC-32.
 *
 * @throws InputError with the byte offset or the member's name, for damage, encryption, ZIP64 (over 4 GiB) or another compression than deflate.
 */
export function unzip(bytes: Uint8Array, where: string): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const members = new Map<string, Uint8Array>()
  const end = findEnd(view, where)
  const count = view.getUint16(end + 10, true)
  let at = view.getUint32(end + 16, true)
  let packed = 0
  for (let i = 0; i < count; i++) {
    const member = readCentral(bytes, view, at, where)
    // Members that share their bytes could multiply a small file into a huge one.
    if ((packed += member.packed) > bytes.length) throw damaged(where, at, 'the members together are larger than the file')
    if (members.has(member.name)) throw new InputError(`holds "${member.name}" twice`, { where })
    if (!member.name.endsWith('/')) members.set(member.name, extract(bytes, view, member, where))
    at = member.next
  }
  return members
}

const damaged = (where: string, offset: number, what: string) =>
  new InputError(`byte ${offset}: ${what}`, { where, fix: 'the ZIP file is damaged' })

/** The end record lies in the last 22 bytes, or earlier where a comment (up to 65,535 bytes) follows it. */
function findEnd(view: DataView, where: string): number {
  const last = view.byteLength - endSize
  for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
    if (view.getUint32(at, true) !== endSignature || view.getUint16(at + 20, true) !== last - at) continue
    if (view.getUint16(at + 10, true) === 0xffff || view.getUint32(at + 16, true) === 0xffffffff) {
      throw new InputError(`byte ${at}: a ZIP64 file, which is not read`, { where, fix: 'save it in parts below 4 GiB' })
    }
    return at
  }
  throw new InputError(`byte ${view.byteLength}: ends without a ZIP end record`, {
    where,
    fix: 'it is damaged, cut short or not a ZIP file',
  })
}

interface Member {
  readonly name: string
  readonly method: number
  readonly crc: number
  readonly packed: number
  readonly size: number
  readonly local: number
  readonly next: number
}

function readCentral(bytes: Uint8Array, view: DataView, at: number, where: string): Member {
  if (at + centralSize > bytes.length || view.getUint32(at, true) !== centralSignature) throw damaged(where, at, 'no directory entry here')
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => view.getUint16(at + field, true))
  const [crc, packed, size] = [16, 20, 24].map((field) => view.getUint32(at + field, true))
  const next = at + centralSize + nameLength + extraLength + commentLength
  if (next > bytes.length) throw damaged(where, at, 'the directory entry ends outside the file')
  const name = new TextDecoder().decode(bytes.subarray(at + centralSize, at + centralSize + nameLength))
  if (view.getUint16(at + 8, true) & 1) throw new InputError(`"${name}" is encrypted`, { where })
  if (packed === 0xffffffff || size === 0xffffffff) throw new InputError(`"${name}" is larger than 4 GiB (ZIP64)`, { where })
  return { name, method: view.getUint16(at + 10, true), crc, packed, size, local: view.getUint32(at + 42, true), next }
}

function extract(bytes: Uint8Array, view: DataView, { name, method, crc, packed, size, local }: Member, where: string): Uint8Array {
  if (local + localSize > bytes.length || view.getUint32(local, true) !== localSignature)
    throw damaged(where, local, `"${name}" does not begin here`)
  const begin = local + localSize + view.getUint16(local + 26, true) + view.getUint16(local + 28, true)
  if (begin + packed > bytes.length) throw damaged(where, begin, `"${name}" ends outside the file`)
  const content = unpack(bytes.subarray(begin, begin + packed), method, size, `${where}: "${name}"`)
  if (content.length !== size || crc32(content) !== crc)
    throw new InputError(`"${name}" fails its checksum`, { where, fix: 'the file is damaged' })
  return content
}

function unpack(packed: Uint8Array, method: number, size: number, where: string): Uint8Array {
  if (method === 0) return packed
  if (method !== 8) throw new InputError(`uses compression ${method}; only stored and deflate are read`, { where })
  try {
    // The limit stops a small member from unpacking to more than it declares.
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, size) })
  } catch (cause) {
    throw new InputError(`cannot be decompressed (${(cause as Error).message})`, { where, cause })
  }
}
