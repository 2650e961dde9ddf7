/**
 * Installs llama.cpp, as node-llama-cpp packs it, beside this file (git-ignored, about 150 MB). It is no dependency of the project: its optional packages
 * are hundreds of megabytes, of which one is taken.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const version = '3.22.1'
const folder = import.meta.dirname

/** Returns why it could not, or nothing. */
export function prepareLlama(say) {
  if (existsSync(join(folder, 'node_modules', 'node-llama-cpp', 'package.json'))) return undefined
  const binaries = `@node-llama-cpp/${process.platform === 'darwin' ? 'mac' : process.platform === 'win32' ? 'win' : 'linux'}-${process.arch}`
  say('installing node-llama-cpp into interop/llama/node_modules (once)')
  const names = [`node-llama-cpp@${version}`, `${binaries}@${version}`]
  const flags = ['--prefix', folder, '--no-save', '--no-package-lock', '--ignore-scripts', '--omit=optional', '--omit=peer']
  const { status, stderr } = spawnSync('npm', ['install', ...flags, ...names], { encoding: 'utf8', shell: process.platform === 'win32' })
  return status === 0 ? undefined : `node-llama-cpp could not be installed: ${stderr.trim().split('\n').at(-1)}`
}
