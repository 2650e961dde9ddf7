import { constants, createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { extname } from 'node:path'
import { Readable } from 'node:stream'
import { notFound } from './problems.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.wav': 'audio/wav',
  '.flac': 'audio/flac',
  '.mp3': 'audio/mpeg',
  '.ogg': 'audio/ogg',
  '.json': 'application/json',
  '.apng': 'image/apng',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
}

/** Of files that are read as text: programs and their settings in whatever language, and notes. */
export const textEndings: readonly string[] =
  '.txt .md .log .json .yaml .yml .toml .xml .v .sv .vh .svh .blif .lib .sdc .py .ts .js .mjs .c .h .cpp .cu .sh .sbatch .smi'.split(' ')

/** Tables, graphs and shapes are text, or bytes that no browser would run. */
const asText: ReadonlySet<string> = new Set([...textEndings, ...'.jsonl .csv .tsv .graphml .edges .edgelist .dot .gv .obj'.split(' ')])

export function typeOf(path: string): string {
  const ending = extname(path).toLowerCase()
  if (Object.hasOwn(types, ending)) return types[ending]
  return asText.has(ending) ? 'text/plain; charset=utf-8' : 'application/octet-stream'
}

/** Opens a file, and nothing that only looks like one: a pipe would be waited for. @throws Refusal */
async function openFile(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => undefined)
  if (!file) throw notFound('there is no such file')
  if ((await file.stat()).isFile()) return file
  await file.close()
  throw notFound('there is no such file')
}

/** `bytes=first-last` of so many bytes; undefined where it asks for all, or for what there is not. */
function rangeOf(header: string | null, size: number): { start: number; end: number } | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (!first && !last) return undefined
  const start = first ? Number(first) : Math.max(0, size - Number(last))
  const end = first && last ? Math.min(Number(last), size - 1) : size - 1
  return start <= end ? { start, end } : undefined
}

/** A file as a response, or the part that is asked for; 304 where the asker has it already. @throws Refusal */
export async function fileResponse(request: Request, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  const file = await openFile(path)
  const { size, mtimeMs, ino } = await file.stat()
  const etag = `"${[mtimeMs, size, ino].map((value) => Math.round(value).toString(36)).join('-')}"`
  const all = { 'content-type': typeOf(path), 'cache-control': 'no-cache', 'accept-ranges': 'bytes', ...headers, etag }
  const known = request.headers.get('if-none-match')?.replace(/^W\//, '') === etag
  if (known || request.method === 'HEAD' || size === 0) {
    await file.close()
    return new Response(null, { status: known ? 304 : 200, headers: known ? all : { ...all, 'content-length': String(size) } })
  }
  const range = rangeOf(request.headers.get('range'), size)
  const { start, end } = range ?? { start: 0, end: size - 1 }
  const body = Readable.toWeb(createReadStream('', { fd: file, start, end })) as ReadableStream<Uint8Array>
  const part = range && { 'content-range': `bytes ${start}-${end}/${size}` }
  return new Response(body, { status: range ? 206 : 200, headers: { ...all, ...part, 'content-length': String(end - start + 1) } })
}
