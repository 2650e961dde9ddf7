import { builtin } from '../engine/builtin.ts'
import { InputError } from '../engine/errors.ts'

const { createHash, randomUUID } = builtin('node:crypto')
const { mkdir, open, readdir, readFile, rename, rm, stat } = builtin('node:fs/promises')
const { dirname } = builtin('node:path')
const { gunzipSync } = builtin('node:zlib')

/** Decompressed content above this is refused, so that a few hostile bytes cannot fill the memory. */
const contentLimit = 2 ** 32 - 1

/** The longest string that V8 holds. */
const textLimit = 2 ** 29 - 24

/** A file's content, decompressed where it is gzip. @throws InputError if it cannot be read or is a damaged gzip file. */
export async function readContent(path: string): Promise<Uint8Array> {
  try {
    return gunzipIfNeeded(await readFile(path), path)
  } catch (cause) {
    if (cause instanceof InputError) throw cause
    throw new InputError(reasonOf(cause), { where: path, fix: 'check the path', cause })
  }
}

function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file'
  if (code === 'EISDIR') return 'is a folder, not a file'
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read (permission denied)'
  return message
}

const isGzip = (bytes: Uint8Array) => bytes[0] === 0x1f && bytes[1] === 0x8b

/** The content of gzip bytes; other bytes are returned as they are. @throws InputError if the gzip stream is damaged, cut or larger than `limit` bytes. */
export function gunzipIfNeeded(bytes: Uint8Array, where: string, limit: number = contentLimit): Uint8Array {
  if (!isGzip(bytes)) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: limit })
  } catch (cause) {
    throw new InputError(`not a complete gzip file (${(cause as Error).message})`, { where, cause })
  }
}

const newline = 10

/** Text in UTF-8, without a byte-order mark. @throws InputError at the first byte that is not UTF-8. */
export function decodeText(bytes: Uint8Array, where: string): string {
  if (bytes.length > textLimit)
    throw new InputError(`${bytes.length} bytes of text are above the limit of ${textLimit}`, { where, fix: 'split the file' })
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    const at = firstOther(bytes)
    const line = 1 + bytes.subarray(0, at).reduce((count, byte) => count + (byte === newline ? 1 : 0), 0)
    throw new InputError(`byte ${at}: not UTF-8 text (line ${line})`, { where, fix: 'convert it, for example with iconv -t utf-8', cause })
  }
}

const isWrong = (decoder: InstanceType<typeof TextDecoder>, bytes: Uint8Array): boolean => {
  try {
    decoder.decode(bytes, { stream: true })
    return false
  } catch {
    return true
  }
}

/** The first byte that is not UTF-8, or the end of a text that ends inside a character: the block is found first, then the byte in it. */
function firstOther(bytes: Uint8Array): number {
  const block = 2 ** 16
  let decoder = new TextDecoder('utf-8', { fatal: true })
  let at = 0
  while (at < bytes.length && !isWrong(decoder, bytes.subarray(at, at + block))) at += block
  // A character may begin in the block before.
  at = Math.max(0, Math.min(at, bytes.length) - 3)
  while (at > 0 && (bytes[at] & 0xc0) === 0x80) at--
  decoder = new TextDecoder('utf-8', { fatal: true })
  while (at < bytes.length && !isWrong(decoder, bytes.subarray(at, at + 1))) at++
  return at
}

/** The SHA-256 of one or several contents, one after another, in hexadecimal. */
export function sha256(...contents: Uint8Array[]): string {
  const hash = createHash('sha256')
  for (const content of contents) hash.update(content)
  return hash.digest('hex')
}

export async function kindOf(path: string): Promise<'file' | 'folder' | 'absent'> {
  const found = await stat(path).catch(() => undefined)
  return found ? (found.isDirectory() ? 'folder' : 'file') : 'absent'
}

/** The names in a folder, without hidden ones, sorted: the order of a directory differs between machines, that of a data set must not. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => !name.startsWith('.')).sort()
  } catch (cause) {
    throw new InputError(reasonOf(cause), { where: folder, cause })
  }
}

/** Writes under a temporary name, syncs, renames: a reader sees the whole file or none, also after a crash or with two writers. */
export async function writeAtomically(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.${randomUUID()}.part`
  try {
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw cause
  }
}
