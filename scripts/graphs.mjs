/**
 * npm run graphs: compares the graphs that the smoke presets compile with those in scripts/graphs.json, so that no change alters one unnoticed.
 * Lists what is new and what is gone, and ends with status 1 where they differ; with --update it accepts what is compiled now. CI compares by the check
 * `graphs` of npm run test:methods.
 */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { graphChanges, graphsIn, keptGraphs } from '../dist/conformance/index.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const kept = join(root, keptGraphs)
const cli = join(root, 'dist/cli/main.js')

const run = promisify(execFile)

/** Of each method one unit after another, on generated data: what is compiled then depends on the code alone. As many methods at a time as there are cores. */
async function runSmokePresets(folder) {
  const methods = JSON.parse(execFileSync(process.execPath, [cli, 'list', '--json'], { encoding: 'utf8' }))
  const left = [...methods]
  const fixed = { QUIRE_WORKERS: '1', QUIRE_OFFLINE: '1', QUIRE_DATA: '', XDG_CACHE_HOME: folder }
  const work = async () => {
    for (let method = left.shift(); method; method = left.shift()) {
      const { name } = method
      const env = { ...process.env, ...fixed, QUIRE_GRAPHS: join(folder, `${name}.graphs`) }
      await run(process.execPath, [cli, 'run', name, '--preset', 'smoke', '--out', join(folder, name)], { cwd: folder, env })
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  return methods.map(({ name }) => name)
}

const update = process.argv.includes('--update')
const folder = mkdtempSync(join(tmpdir(), 'quire-graphs-'))
const before = existsSync(kept) ? JSON.parse(readFileSync(kept, 'utf8')) : {}
const methods = await runSmokePresets(folder)
const now = Object.fromEntries(methods.map((name) => [name, graphsIn(join(folder, `${name}.graphs`))]))
rmSync(folder, { recursive: true })

let changes = 0
for (const name of methods)
  for (const line of graphChanges(before[name] ?? {}, now[name])) {
    console.log(`${name}: ${line}`)
    changes++
  }
const total = Object.values(now).reduce((sum, graphs) => sum + Object.keys(graphs).length, 0)
if (update) {
  writeFileSync(kept, `${JSON.stringify(now, null, 2)}\n`)
  console.log(`${total} graphs kept in ${keptGraphs}, ${changes} changes`)
} else if (changes > 0) {
  console.log(`${changes} changes among the compiled graphs; if they are meant: npm run graphs -- --update`)
  process.exitCode = 1
} else console.log(`${total} compiled graphs, none changed`)
