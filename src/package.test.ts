import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { parseSync } from 'vite'
import { expect, test } from 'vitest'

interface Manifest {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly sideEffects: readonly string[]
}

const root = join(import.meta.dirname, '..')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
const built = (path: string) => `./dist/${path.split(sep).join('/').replace(/\.ts$/, '.js')}`

const declares = ['ImportDeclaration', 'ExportAllDeclaration', 'ExportNamedDeclaration', 'ExportDefaultDeclaration']
const isDeclaration = (type: string) => declares.includes(type) || type.endsWith('Declaration')

/** What vite bundles is no module of the package. */
const pageSources = join('lab', 'page', sep)

/** Whether loading a module does something: a statement of its own that declares nothing, or waits. */
function hasEffects(file: string, source: string): boolean {
  return parseSync(file, source).program.body.some(
    (statement) =>
      !isDeclaration(statement.type) || /^(export )?(const|let) [^=]*= await /.test(source.slice(statement.start, statement.end)),
  )
}

test('package.json names the modules that do something when they are loaded', () => {
  const sources = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter(
    (path) =>
      path.endsWith('.ts') && !/\.test(-d)?\.ts$|\.d\.ts$/.test(path) && !path.includes(`testing${sep}`) && !path.startsWith(pageSources),
  )
  const found = sources.filter((path) => hasEffects(path, readFileSync(join(import.meta.dirname, path), 'utf8')))
  expect(found.map(built).sort()).toEqual([...manifest.sideEffects].sort())
})

test('such a module is seen', () => {
  expect(hasEffects('a.ts', 'const registry = new Map()\nregistry.set(1, 2)')).toBe(true)
  expect(hasEffects('a.ts', "const x = await import('./b.ts')")).toBe(true)
  expect(hasEffects('a.ts', "import { b } from './b.ts'\nexport const a = b()\nexport type A = typeof a")).toBe(false)
})

test('every entry says where its types are first, and is a source', () => {
  for (const [name, target] of Object.entries(manifest.exports)) {
    if (typeof target === 'string') continue
    expect(Object.keys(target), name).toEqual(['types', 'default'])
    expect(target.types).toBe(target.default.replace(/js$/, 'd.ts'))
    expect(() => readFileSync(join(root, target.default.replace('./dist/', 'src/').replace(/js$/, 'ts')))).not.toThrow()
  }
})
