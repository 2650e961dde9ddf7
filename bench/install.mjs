/** What the peers need, installed once: Python packages into .venv, npm packages into node_modules. Each returns why it could not, or nothing. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('.', import.meta.url))
const bin = process.platform === 'win32' ? 'Scripts' : 'bin'
/** The interpreter of a folder's virtual environment. */
export const pythonOf = (place) => join(place, '.venv', bin, 'python')
export const python = pythonOf(folder)

function run(file, args, options = {}) {
  const { status, stderr, stdout, error } = spawnSync(file, args, { encoding: 'utf8', cwd: folder, ...options })
  if (status === 0) return undefined
  const lines = `${stdout ?? ''}\n${stderr ?? ''}`.split('\n').map((line) => line.trim())
  return error?.message ?? lines.findLast((line) => /error/i.test(line)) ?? lines.findLast(Boolean) ?? `${file} ended with ${status}`
}

/** Makes `.venv` in a folder from the requirements.txt beside it, unless it is there already. */
export function installPython(say, place = folder) {
  const requirements = readFileSync(join(place, 'requirements.txt'), 'utf8')
  const stamp = join(place, '.venv', 'installed.txt')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === requirements) return undefined
  const base = ['python3', 'python'].find((name) => spawnSync(name, ['--version']).status === 0)
  if (!base) return 'no Python on this machine'
  say(`installing Python packages into ${basename(place)}/.venv (about 1.5 GB, once)`)
  rmSync(join(place, '.venv'), { recursive: true, force: true })
  const at = { cwd: place }
  const failed =
    run(base, ['-m', 'venv', '.venv'], at) ?? run(pythonOf(place), ['-m', 'pip', 'install', '--quiet', '-r', 'requirements.txt'], at)
  if (failed) return `the Python packages could not be installed: ${failed}`
  writeFileSync(stamp, requirements)
  return undefined
}

export function installNpm(say) {
  const installed = join(folder, 'node_modules', '.package-lock.json')
  const wanted = ['@jax-js/jax', '@tensorflow/tfjs-backend-wasm'].every((name) => existsSync(join(folder, 'node_modules', name)))
  if (existsSync(installed) && wanted) return undefined
  say('installing the JavaScript peers into bench/node_modules (once)')
  const failed = run('npm', ['ci', '--ignore-scripts'], { shell: process.platform === 'win32' })
  return failed && `the npm packages could not be installed: ${failed}`
}

/** Builds quire from this checkout, so that never an old build is measured. */
export function buildQuire() {
  const failed = run(process.execPath, ['scripts/build.mjs'], { cwd: join(folder, '..') })
  return failed && `quire does not build: ${failed}`
}
