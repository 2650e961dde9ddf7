/**
 * npm run interop: second opinions from Python on values, derivatives and files. Installs its own packages once (git-ignored), runs the
 * comparisons and writes docs/interop.md and the table of docs/onnx.md. `npm run interop -- derivatives` runs only what is called so.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installPython } from '../bench/install.mjs'
import { interopPage, operatorTable } from './report.mjs'

const folder = import.meta.dirname
const root = join(folder, '..')
const say = (text) => process.stderr.write(`${text}\n`)

const results = (name) => {
  const path = join(folder, '.work', 'results', `${name}.json`)
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
}

const comparisons =
  'derivatives onnx-files torch-models formats onnx-node margins explanations tensorboard mlflow language-models adapters gguf diffusion-networks'.split(
    ' ',
  )

const oldest = [3, 11]

/** Why this machine's Python will not do; it is asked before anything is installed. */
function unfit() {
  const base = ['python3', 'python'].find((name) => spawnSync(name, ['--version']).status === 0)
  if (!base) return `there is no Python here; install Python ${oldest.join('.')} or later`
  const { status, stdout } = spawnSync(base, ['-c', 'import sys, venv, ensurepip; print(*sys.version_info[:2])'], { encoding: 'utf8' })
  if (status !== 0) return `${base} cannot make virtual environments; install its venv package (on Debian: python3-venv)`
  const [major, minor] = stdout.trim().split(' ').map(Number)
  const fits = major > oldest[0] || (major === oldest[0] && minor >= oldest[1])
  return fits ? undefined : `${base} is Python ${major}.${minor}; the pinned packages need ${oldest.join('.')} or later`
}

const help =
  'The packages of interop/requirements.txt come from the index that pip is configured for: it must be reachable. Where it has no CPU build of PyTorch,' +
  ' set PIP_EXTRA_INDEX_URL as bench/requirements.txt says. What is half installed is replaced by the next run.'

function main() {
  const failed = unfit()
  const notInstalled = failed ? undefined : installPython(say, folder)
  if (failed || notInstalled) {
    say(`interop: ${failed ?? `${notInstalled}\n${help}`}`)
    return 2
  }
  const chosen = process.argv.slice(2)
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'interop/vitest.config.ts', ...chosen]
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  const found = Object.fromEntries(comparisons.map((name) => [name, results(name)]))
  if (status !== 0 || chosen.length > 0 || Object.values(found).includes(undefined)) {
    say('not written to docs/: only a run of all comparisons without a fault is')
    return status ?? 1
  }
  writeFileSync(join(root, 'docs', 'interop.md'), interopPage(found))
  const page = join(root, 'docs', 'onnx.md')
  const mark = '<!-- what follows is written by npm run interop -->'
  const text = readFileSync(page, 'utf8')
  writeFileSync(page, `${text.slice(0, text.indexOf(mark))}${mark}\n\n${operatorTable(found['onnx-node'])}`)
  say('written: docs/interop.md, docs/onnx.md')
  return 0
}

process.exitCode = main()
