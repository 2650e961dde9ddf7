import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { freemem } from 'node:os'
import { dirname, resolve } from 'node:path'
import { getRuntime } from '../engine/runtime/runtime.ts'
import { formatBytes } from '../experiment/format.ts'
import { machine, quireVersion } from '../experiment/run/machine.ts'
import type { Shell } from './cli.ts'
import { painter } from './style.ts'
import type { Terminal } from './terminal.ts'

const require = createRequire(import.meta.url)

interface Finding {
  readonly what: string
  readonly ok: boolean
  readonly found: string
  /** How to get what is missing. */
  readonly fix?: string
  /** Without it quire does not work. */
  readonly essential?: boolean
}

function nodeFinding(): Finding {
  const { node } = process.versions
  const [major, minor] = node.split('.').map(Number)
  const ok = major > 20 || (major === 20 && minor >= 19)
  return { what: 'node', ok, found: node, essential: true, ...(!ok && { fix: 'install Node 20.19 or newer from nodejs.org' }) }
}

/**
 * How to keep the native runtime's install script from downloading CUDA, in the words of its version; the option has been renamed once.
 *
 * @param version installed, or allowed: `1.30.0`, `^1.30.0`
 */
export function skipsCuda(version: string): string {
  const [major, minor] = version.replace(/^\D+/, '').split('.').map(Number)
  return major > 1 || minor >= 22 ? '--onnxruntime-node-install=skip' : '--onnxruntime-node-install-cuda=skip'
}

/** The native runtime's version: the installed one's, else the one that this package asks for. */
function nativeVersion(): string {
  try {
    return (require('onnxruntime-node/package.json') as { version: string }).version
  } catch {
    return (require('../../package.json') as { optionalDependencies: Record<string, string> }).optionalDependencies['onnxruntime-node']
  }
}

/** npm leaves the native runtime out where its script, which only downloads CUDA, fails. */
const nativeFix = (): string =>
  `for native speed: npm install ${skipsCuda(nativeVersion())} onnxruntime-node (or with --ignore-scripts; its script only downloads CUDA)`

async function runtimeFinding(name: 'onnxruntime-node' | 'onnxruntime-web', fix: string): Promise<Finding> {
  try {
    const module: { env?: { versions?: { common?: string } } } = await import(name)
    return { what: name, ok: true, found: `loads, ${module.env?.versions?.common ?? 'version unknown'}` }
  } catch (error) {
    return { what: name, ok: false, found: `does not load: ${String((error as Error).message).split('\n')[0]}`, fix }
  }
}

function dataFinding({ env }: Terminal): Finding {
  const beside = resolve('..', 'shared', 'data')
  const folder = env.QUIRE_DATA || (existsSync(beside) ? beside : undefined)
  const what = 'data'
  const fix = 'set QUIRE_DATA to the folder of your data sets, or give --data; otherwise they are downloaded, or generated and labelled so'
  if (!folder) return { what, ok: false, found: 'QUIRE_DATA is not set', fix }
  if (!existsSync(folder)) return { what, ok: false, found: `${folder} does not exist`, fix }
  return { what, ok: true, found: `${folder}, ${readdirSync(folder).length} entries` }
}

/** The nearest folder that there is must be writable. */
function runsFinding(): Finding {
  const folder = resolve('runs')
  let place = folder
  while (!existsSync(place)) place = dirname(place)
  try {
    accessSync(place, constants.W_OK)
    return { what: 'runs', ok: true, found: `${folder} is writable` }
  } catch {
    return { what: 'runs', ok: false, found: `${folder} is not writable`, fix: 'work in another folder, or give --out' }
  }
}

/** Which of them the engine takes, and with how many threads. */
async function usedFinding(): Promise<Finding> {
  const what = 'runtime'
  try {
    const { name, version, threads } = await getRuntime()
    return { what, ok: true, found: `${name} ${version} is used, ${threads === 1 ? '1 thread' : `${threads} threads`}`, essential: true }
  } catch (error) {
    return { what, ok: false, found: String((error as Error).message).split('\n')[0], essential: true, fix: 'npm install quire again' }
  }
}

async function findings(terminal: Terminal): Promise<Finding[]> {
  const { cpu, cores, memoryBytes, platform } = machine()
  return [
    nodeFinding(),
    await runtimeFinding('onnxruntime-node', nativeFix()),
    await runtimeFinding('onnxruntime-web', 'npm install onnxruntime-web'),
    await usedFinding(),
    { what: 'processor', ok: true, found: `${cpu}, ${cores} cores, ${platform}` },
    { what: 'memory', ok: true, found: `${formatBytes(memoryBytes)}, ${formatBytes(freemem())} free` },
    dataFinding(terminal),
    runsFinding(),
  ]
}

/** `quire doctor`; exits with 2 if something is missing without which nothing works. */
export async function doctor({ terminal }: Shell, { json }: { json?: boolean }): Promise<number> {
  const found = await findings(terminal)
  const paint = painter(terminal)
  if (json) terminal.out(JSON.stringify({ quire: quireVersion(), findings: found }, null, 2))
  else
    for (const { what, ok, found: text, fix } of found) {
      terminal.out(`${ok ? paint('green', 'ok') : paint('yellow', '--')}  ${what.padEnd(17)} ${text}`)
      if (fix) terminal.out(`    ${''.padEnd(17)} ${fix}`)
    }
  return found.some(({ ok, essential }) => essential && !ok) ? 2 : 0
}
