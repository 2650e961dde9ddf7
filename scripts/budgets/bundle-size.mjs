// What a page or a server loads for a program: everything that it imports, bundled and minified, without the runtimes and what only Node has.
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { root } from '../examples/exports.mjs'

const entry = join(root, 'dist', 'program.js')
const outside = [/^onnxruntime-/, /^node:/, 'sharp', ...builtinModules]

const program = (code) => ({
  name: 'program',
  enforce: 'pre',
  resolveId: (id) => (id === entry ? id : undefined),
  load: (id) => (id === entry ? code : undefined),
})

const zipped = (chunks) => chunks.reduce((sum, { code }) => sum + gzipSync(code).length, 0) / 1e3

/** In kB with gzip: what is loaded at once, and what only when it is asked for. */
export async function bundleSize(code) {
  const { output } = await build({
    configFile: false,
    logLevel: 'silent',
    root: join(root, 'dist'),
    worker: { format: 'es' },
    build: {
      write: false,
      target: 'es2023',
      modulePreload: false,
      rollupOptions: { input: entry, preserveEntrySignatures: 'strict', external: outside },
    },
    plugins: [program(code)],
  })
  const chunks = output.filter(({ type }) => type === 'chunk')
  const atOnce = new Set(chunks.filter(({ isEntry }) => isEntry))
  for (const { imports } of atOnce) for (const chunk of chunks) if (imports.includes(chunk.fileName)) atOnce.add(chunk)
  return { atOnce: zipped([...atOnce]), later: zipped(chunks.filter((chunk) => !atOnce.has(chunk))) }
}
