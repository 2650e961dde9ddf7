import { createRequire } from 'node:module'
import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os'
import { InputError } from '../../engine/errors.ts'
import { getRuntime } from '../../engine/runtime/runtime.ts'
import type { Device } from '../definition.ts'

/** What the numbers of a run depend on, besides its config: all of it is in run.json. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly threads: number
  readonly memoryBytes: number
  readonly platform: string
}

export interface Versions {
  readonly quire: string
  readonly node: string
  /** The runtime that is used, such as `onnxruntime-node (cpu) 1.30.0`. */
  readonly onnxruntime: string
}

const require = createRequire(import.meta.url)

const manifest = (): { version: string; license: string } => require('../../../package.json')

/** The version of this package. */
export const quireVersion = (): string => manifest().version

/** The licence of this package. */
export const quireLicence = (): string => manifest().license

const processor = (): string => cpus()[0]?.model.trim() ?? 'unknown'

/** This machine, without asking the runtime how many threads it takes. */
export const machine = (threads = availableParallelism()): Machine => ({
  cpu: processor(),
  cores: cpus().length,
  threads,
  memoryBytes: totalmem(),
  platform: `${platform()}-${arch()}`,
})

/** A device other than the processor is tried at once: it is better to hear now than after an hour that it does not work. */
async function tryDevice(device: Device): Promise<void> {
  const { configureRuntime, evaluate, key, random } = await import('../../engine/index.ts')
  configureRuntime({ device })
  try {
    await evaluate(random.uniform(key(0), [2]))
  } catch (error) {
    const reason = String(error instanceof Error ? error.message : error).split('\n')[0]
    throw new InputError(`it does not work here: ${reason}`, {
      where: `--device ${device}`,
      fix: 'quire doctor says what works; --device cpu always does',
      cause: error,
    })
  }
}

/** The machine and the runtime on which a run's numbers depend; loads the runtime. */
export async function environment(device: Device): Promise<{ machine: Machine; versions: Versions }> {
  if (device !== 'cpu') await tryDevice(device)
  const { name, version, threads } = await getRuntime()
  return { machine: machine(threads), versions: { quire: quireVersion(), node: process.versions.node, onnxruntime: `${name} ${version}` } }
}

/** The highest memory this process has held, in bytes. */
export const peakBytes = (): number => process.resourceUsage().maxRSS * 1024

/** Whether a measurement or a key speaks of the clock or of the machine, which no seed repeats: all are called so. */
export const isOfTheMachine = (name: string): boolean => /seconds/i.test(name) || /^(time|peakBytes)$|^process[A-Z-]/.test(name)

/** What differs between two descriptions, as `name: before → now` lines. */
export function changes(before: object, now: object): string[] {
  const old = before as Record<string, unknown>
  return Object.entries(now).flatMap(([name, value]) => (old[name] === value ? [] : [`${name}: ${old[name]} → ${value}`]))
}
