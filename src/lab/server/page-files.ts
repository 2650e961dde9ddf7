import { readFileSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Context } from 'hono'

/** Where the built page lies: dist/lab/page, whether this is dist/lab/server or src/lab/server. */
const folder = fileURLToPath(new URL('../../../dist/lab/page', import.meta.url))

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.onnx': 'application/octet-stream',
  '.safetensors': 'application/octet-stream',
}

/** The files of the page; every other address is the page itself, which knows what to show there. */
export function pageFiles() {
  return (context: Context): Response => {
    const { pathname } = new URL(context.req.url)
    const file = /^\/(?:[\w-]+\/)*[\w-]+(?:\.[\w-]+)+$/.test(pathname) ? join(folder, pathname) : join(folder, 'index.html')
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return context.text('not found', 404)
    return context.body(readFileSync(file), 200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' })
  }
}
