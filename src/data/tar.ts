import { InputError } from '../engine/errors.ts'

/*
 * Just enough of tar for archives of examples: the plain files of USTAR, with the long names of GNU and of pax. Each header of 512 bytes carries its own
 * checksum.
 */

const block = 512

/** Whether bytes begin like a tar file: USTAR's word at its place. */
export const isTar = (bytes: Uint8Array): boolean =>
  bytes.length >= block && new TextDecoder('latin1').decode(bytes.subarray(257, 262)) === 'ustar'

/**
 * The plain files of a tar archive by name, in its order, as views on its bytes. Folders and links are passed over.
 *
 * @throws InputError with the byte offset for a header with a wrong checksum, a file that ends early, or a name that appears twice.
 */
export function untar(bytes: Uint8Array, where: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  let longName: string | undefined
  for (let at = 0; at + block <= bytes.length; ) {
    const header = bytes.subarray(at, at + block)
    if (header.every((byte) => byte === 0)) break
    const { name, size, type } = readHeader(header, at, where)
    const content = bytes.subarray(at + block, at + block + size)
    if (content.length < size) throw damaged(where, at, `"${name}" takes ${size} bytes; the file has ${content.length} more`)
    at += block + Math.ceil(size / block) * block
    if (type === 'L') longName = text(content)
    else if (type === 'x') longName = paxPath(content) ?? longName
    else {
      const full = longName ?? name
      longName = undefined
      if (type !== '0' && type !== '\0') continue
      if (files.has(full)) throw new InputError(`holds "${full}" twice`, { where })
      files.set(full, content)
    }
  }
  return files
}

const damaged = (where: string, offset: number, what: string) =>
  new InputError(`byte ${offset}: ${what}`, { where, fix: 'this is not a complete tar file' })

interface Header {
  readonly name: string
  readonly size: number
  readonly type: string
}

function readHeader(header: Uint8Array, at: number, where: string): Header {
  const stated = octal(header, 148, 8)
  // The sum is taken with blanks in the place of itself.
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0)
  if (stated !== sum) throw damaged(where, at, 'the header does not have its checksum')
  const size = octal(header, 124, 12)
  if (!Number.isSafeInteger(size)) throw damaged(where, at + 124, 'the size is no number')
  const prefix = text(header.subarray(345, 500))
  const name = text(header.subarray(0, 100))
  return { name: prefix ? `${prefix}/${name}` : name, size, type: String.fromCharCode(header[156]) }
}

/** Up to the first zero byte. */
const text = (bytes: Uint8Array): string => {
  const end = bytes.indexOf(0)
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end))
}

const octal = (header: Uint8Array, from: number, length: number): number => {
  const digits = text(header.subarray(from, from + length)).trim()
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN
}

/** The path of pax's records "length key=value\n". */
const paxPath = (content: Uint8Array): string | undefined => /^\d+ path=(.*)$/m.exec(text(content))?.[1]
