// What the package exports, found in its sources: each value of each entry point, with the doc comment of its declaration.
import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { parseSync } from 'vite'

export const root = resolve(import.meta.dirname, '../..')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** The entry points: `{ name: 'quire/nn', source: '/…/src/nn/index.ts', built: '/…/dist/nn/index.js' }`. */
export const entryPoints = Object.entries(manifest.exports)
  .filter(([, target]) => typeof target === 'object')
  .map(([path, target]) => ({
    name: path.replace('.', manifest.name),
    source: join(root, target.default.replace('/dist/', '/src/').replace(/js$/, 'ts')),
    built: join(root, target.default),
  }))

const modules = new Map()

function moduleAt(path) {
  if (!modules.has(path)) {
    const text = readFileSync(path, 'utf8')
    const { program, comments, errors } = parseSync(path, text)
    if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`)
    modules.set(path, { path, text, body: program.body, comments })
  }
  return modules.get(path)
}

/** The doc comment that ends right before a statement. */
function docBefore({ text, comments }, statement) {
  const last = comments.findLast(({ end }) => end <= statement.start)
  const isDoc = last?.type === 'Block' && last.value.startsWith('*') && text.slice(last.end, statement.start).trim() === ''
  return isDoc ? last.value : ''
}

const targetOf = (module, source) => resolve(dirname(module.path), source.value)
const isValue = (node) => node.exportKind !== 'type'
const valueDeclarations = ['FunctionDeclaration', 'ClassDeclaration', 'VariableDeclaration']

const namesOf = (declaration) =>
  declaration.type === 'VariableDeclaration' ? declaration.declarations.map(({ id }) => id.name) : [declaration.id.name]

function found(module, statement) {
  const line = module.text.slice(0, statement.start).split('\n').length
  return { doc: docBefore(module, statement), where: `${relative(root, module.path)}:${line}` }
}

/** The values that a module exports, by name. A namespace holds `members`. */
function exportsOf(path) {
  const module = moduleAt(path)
  const result = new Map()
  for (const statement of module.body) {
    if (statement.type === 'ExportAllDeclaration' && isValue(statement)) {
      const members = exportsOf(targetOf(module, statement.source))
      if (statement.exported) result.set(statement.exported.name, { ...found(module, statement), members })
      else for (const [name, value] of members) if (!result.has(name)) result.set(name, value)
    }
    if (statement.type === 'ExportDefaultDeclaration') result.set('default', found(module, statement))
    if (statement.type !== 'ExportNamedDeclaration' || !isValue(statement)) continue
    if (valueDeclarations.includes(statement.declaration?.type))
      for (const name of namesOf(statement.declaration)) result.set(name, found(module, statement))
    for (const specifier of statement.specifiers.filter(isValue)) {
      const value = resolved(module, statement.source, specifier.local.name)
      if (value) result.set(specifier.exported.name, value)
    }
  }
  return result
}

/** What a name stands for, in another module or among a module's own declarations; undefined for a type. */
function resolved(module, source, name) {
  if (source) return exportsOf(targetOf(module, source)).get(name)
  for (const statement of module.body) {
    if (valueDeclarations.includes(statement.type) && namesOf(statement).includes(name)) return found(module, statement)
    if (statement.type !== 'ImportDeclaration') continue
    const specifier = statement.specifiers.find(({ local }) => local.name === name)
    if (specifier) return exportsOf(targetOf(module, statement.source)).get(specifier.imported.name)
  }
}

/** Every exported value: `{ entry, name, doc, where }`, namespaces by member (`random.normal`). */
export const exportedValues = entryPoints.flatMap((entry) =>
  [...exportsOf(entry.source)].flatMap(([name, value]) => {
    if (!value.members) return [{ entry, name, ...value }]
    return [...value.members].map(([member, inner]) => ({ entry, name: `${name}.${member}`, ...inner }))
  }),
)

/** The examples in a doc comment, as code. */
export function examplesIn(doc) {
  const lines = doc.split('\n').map((line) => line.replace(/^\s*\* ?/, ''))
  const examples = []
  let current
  for (const line of lines) {
    if (/^@example\b/.test(line)) examples.push((current = []))
    else if (/^@\w/.test(line)) current = undefined
    else current?.push(line)
  }
  return examples.map((code) => code.join('\n').trim())
}
