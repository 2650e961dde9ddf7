import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Plugin, type Rollup } from 'vite'
import { expect, test } from 'vitest'

type Budgets = { readonly entries: Readonly<Record<string, { readonly onlyNode?: boolean }>> }
type Manifest = { readonly exports: Readonly<Record<string, string | { readonly default: string }>> }

const entry = join(import.meta.dirname, 'entry.js')

/** The bundle of a page that has this code, and what it asks for that only Node has. */
async function bundle(code: string): Promise<{ chunks: Rollup.OutputChunk[]; missing: string[] }> {
  const missing: string[] = []
  const virtual: Plugin = {
    name: 'entry',
    enforce: 'pre',
    resolveId(id, importer) {
      if (builtinModules.includes(id.replace('node:', ''))) missing.push(`${id} for ${importer}`)
      return id === entry ? id : undefined
    },
    load: (id) => (id === entry ? code : undefined),
  }
  const { output } = (await build({
    configFile: false,
    logLevel: 'silent',
    root: import.meta.dirname,
    worker: { format: 'es' },
    build: { write: false, target: 'es2023', rollupOptions: { input: entry, preserveEntrySignatures: 'strict' } },
    plugins: [virtual],
  })) as Rollup.RollupOutput
  return { chunks: output.filter((part) => part.type === 'chunk'), missing }
}

/** The chunks that are there before anything runs. */
function loadedAtOnce(chunks: readonly Rollup.OutputChunk[]): Rollup.OutputChunk[] {
  const wanted = new Set(chunks.filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName))
  for (const name of wanted) for (const next of chunks.find(({ fileName }) => fileName === name)!.imports) wanted.add(next)
  return chunks.filter(({ fileName }) => wanted.has(fileName))
}

const zipped = (chunks: readonly Rollup.OutputChunk[]) => chunks.reduce((total, { code }) => total + gzipSync(code).length, 0)

test('a page loads less than 60 kB before the runtime, be it all of the engine', async () => {
  const training = await bundle(`
    export { key } from './engine/index.ts'
    export { crossEntropy, mlp } from './nn/index.ts'
    export { adam } from './optim/index.ts'
    export { trainStep } from './train/index.ts'`)
  const all = await bundle("export * from './engine/index.ts'")
  const sizes = [training, all].map(({ chunks, missing }) => {
    const first = loadedAtOnce(chunks)
    expect(missing).toEqual([])
    expect(first.flatMap(({ moduleIds }) => moduleIds).filter((id) => id.includes('onnxruntime'))).toEqual([])
    expect(chunks.some(({ fileName }) => fileName.includes('ort.wasm'))).toBe(true)
    return zipped(first) / 1000
  })
  console.log(`gzip, without a runtime: ${sizes[0].toFixed(1)} kB for a page that trains, ${sizes[1].toFixed(1)} kB for all of the engine`)
  expect(sizes[0]).toBeLessThan(60)
  expect(sizes[1]).toBeLessThan(60)
  expect(sizes[0]).toBeGreaterThan(10)
})

const { exports } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as Manifest
const sourceOf = Object.fromEntries(
  Object.entries(exports).flatMap(([name, target]) =>
    typeof target === 'string' ? [] : [[name.replace('.', 'quire'), target.default.replace('dist/', '').replace(/js$/, 'ts')]],
  ),
)

const { entries } = JSON.parse(readFileSync(join(import.meta.dirname, '../scripts/budgets.json'), 'utf8')) as Budgets

/** Entries for Node alone: what reads and writes run folders, and what leads there. */
const onlyNode = Object.keys(entries).filter((name) => entries[name].onlyNode)
const forPages = Object.keys(sourceOf).filter((name) => !onlyNode.includes(name))

test('no entry asks for what only Node has, but those for Node alone', async () => {
  const { missing } = await bundle(forPages.map((name, i) => `export * as entry${i} from '${sourceOf[name]}'`).join('\n'))
  expect(missing).toEqual([])
})

test.each(onlyNode)('%s is for Node alone', async (name) => {
  const { missing } = await bundle(`export * from '${sourceOf[name]}'`)
  expect(missing).not.toEqual([])
})

test('a module that only Node has is seen', async () => {
  const { missing } = await bundle("import { readFileSync } from 'node:fs'\nexport const read = readFileSync")
  expect(missing).toHaveLength(1)
})
