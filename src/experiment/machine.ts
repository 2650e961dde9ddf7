import { createRequire } from 'node:module'
import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os'

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
  /** The runtime package that is installed, with its version, such as `onnxruntime-node 1.30.0`. */
  readonly onnxruntime: string
}

const require = createRequire(import.meta.url)

function packageVersion(name: string): string | undefined {
  try {
    return (require(`${name}/package.json`) as { version: string }).version
  } catch {
    return undefined
  }
}

function runtimeVersion(): string {
  for (const name of ['onnxruntime-node', 'onnxruntime-web']) {
    const version = packageVersion(name)
    if (version) return `${name} ${version}`
  }
  return 'none'
}

export const versions = (): Versions => ({
  quire: (require('../../package.json') as { version: string }).version,
  node: process.versions.node,
  onnxruntime: runtimeVersion(),
})

export const machine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  threads: availableParallelism(),
  memoryBytes: totalmem(),
  platform: `${platform()}-${arch()}`,
})

/** The highest memory this process has held, in bytes. */
export const peakBytes = (): number => process.resourceUsage().maxRSS * 1024

/** What differs between two descriptions, as `name: before → now` lines. */
export function changes(before: object, now: object): string[] {
  const old = before as Record<string, unknown>
  return Object.entries(now).flatMap(([name, value]) => (old[name] === value ? [] : [`${name}: ${old[name]} → ${value}`]))
}
