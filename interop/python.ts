import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pythonOf } from '../bench/install.mjs'

export const folder = import.meta.dirname

/** A folder for the files of one comparison, out of git. */
export function workFolder(name: string): string {
  const path = join(folder, '.work', name)
  mkdirSync(path, { recursive: true })
  return path
}

/** Runs a script of this folder; the last line that it prints, as JSON. */
export function python(script: string, ...args: string[]): unknown {
  const env = { ...process.env, OMP_NUM_THREADS: '1', JAX_PLATFORMS: 'cpu', PYTHONWARNINGS: 'ignore' }
  const { status, stdout, stderr } = spawnSync(pythonOf(folder), [join(folder, script), ...args], {
    encoding: 'utf8',
    env,
    maxBuffer: 2 ** 28,
  })
  if (status !== 0) throw new Error(`${script} ${args.join(' ')}: ${stderr.trim().split('\n').slice(-12).join('\n')}`)
  return JSON.parse(stdout.trim().split('\n').at(-1)!)
}

/** Keeps what a comparison found, for the tables of the documentation. */
export function keep(name: string, results: unknown): void {
  writeFileSync(join(workFolder('results'), `${name}.json`), `${JSON.stringify(results, null, 1)}\n`)
}
