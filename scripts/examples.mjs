// `npm run build && npm run test:examples`: every exported value has an example in its doc comment; each is type-checked and run as a module of its
// own, and what a comment behind an expression says of its value is compared. Names on the command line run these alone.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { transformWithOxc } from 'vite'
import { entryPoints, examplesIn, exportedValues, root } from './examples/exports.mjs'
import { withChecks, withImports } from './examples/modules.mjs'

const only = process.argv.slice(2)
const isAsked = ({ entry, name }) =>
  only.length === 0 || only.some((text) => text === entry.name || text === name || text === `${entry.name}:${name}`)
const folder = join(root, '.examples')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)

const built = new Map(await Promise.all(entryPoints.map(async ({ name, built }) => [name, new Set(Object.keys(await import(built)))])))
const failures = []
const fail = (where, what) => failures.push(`${where}  ${what}`)

// The sources are read by a parser, the package is what is built: they must name the same values.
for (const { name } of entryPoints) {
  const read = new Set(exportedValues.filter(({ entry }) => entry.name === name).map((value) => value.name.split('.')[0]))
  for (const missing of [...built.get(name)].filter((value) => !read.has(value)))
    fail(name, `exports ${missing}, which its source does not`)
}

const examples = []
const seen = new Map()
for (const { entry, name, doc, where } of exportedValues.filter(isAsked)) {
  const found = examplesIn(doc)
  if (found.length === 0) fail(where, `${entry.name}: ${name} has no example`)
  if (seen.has(where)) continue // the same declaration through another entry
  seen.set(where, name)
  for (const [i, example] of found.entries()) {
    const label = `${entry.name}:${name}${i > 0 ? ` (${i + 1})` : ''}`
    try {
      const code = withImports(example, [
        [entry.name, built.get(entry.name)],
        ['quire', built.get('quire')],
      ])
      const file = `${examples.length}-${entry.name}-${name}`.replace(/[^\w.-]/g, '-')
      writeFileSync(join(folder, `${file}.ts`), code)
      const checked = withChecks(code)
      const { code: script } = await transformWithOxc(checked.code, `${file}.ts`, { target: 'es2023', sourcemap: false })
      writeFileSync(join(folder, `${file}.mjs`), script)
      examples.push({
        name: label,
        where,
        file: join(folder, `${file}.mjs`),
        alone: /\bconfigureRuntime\(/.test(example),
        checks: checked.checks,
      })
    } catch (error) {
      fail(where, `${label} ${error.message}`)
    }
  }
}

writeFileSync(
  join(folder, 'tsconfig.json'),
  JSON.stringify({
    extends: '../tsconfig.json',
    compilerOptions: { noEmit: true, rootDir: '..', noUnusedLocals: false, noUnusedParameters: false },
    include: ['*.ts'],
  }),
)
const types = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.examples'], { cwd: root, encoding: 'utf8' })
for (const line of types.stdout.split('\n').filter((line) => /error TS/.test(line))) fail('types', line)

/** Runs examples in one process. */
function run(list) {
  const { stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts/examples/check.mjs')], {
    cwd: root,
    input: JSON.stringify(list),
    encoding: 'utf8',
  })
  const results = new Map(
    stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => [JSON.parse(line).name, JSON.parse(line)]),
  )
  for (const { name, where } of list) {
    const result = results.get(name)
    if (!result) fail(where, `${name} did not end: ${stderr.trim().split('\n').at(-1)}`)
    else if (result.error) fail(where, `${name} ${result.error}`)
  }
  return [...results.values()]
}

const alone = examples.filter((example) => example.alone)
const times = [run(examples.filter((example) => !example.alone)), ...alone.map((example) => run([example]))].flat()
for (const line of failures) console.error(line)
const slowest = times.sort((a, b) => b.ms - a.ms)[0]
const checks = examples.reduce((sum, example) => sum + example.checks, 0)
if (slowest)
  console.log(
    `${examples.length} examples, ${checks} values compared; the slowest takes ${(slowest.ms / 1000).toFixed(1)} s (${slowest.name})`,
  )
const failing = new Set(failures.map((line) => line.split('  ')[0]))
console.log(`${examples.filter(({ where }) => !failing.has(where)).length} passed, ${failures.length} failed`)
process.exit(failures.length > 0 ? 1 : 0)
