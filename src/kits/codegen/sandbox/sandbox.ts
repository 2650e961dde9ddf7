import type { ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
import { builtin } from '../../../engine/builtin.ts'
import { InputError } from '../../../engine/index.ts'
import { launcher } from './launcher.ts'
import type { Outcome } from './outcome.ts'

const { spawn } = builtin('node:child_process')
const { randomBytes } = builtin('node:crypto')
const { mkdtemp, rm } = builtin('node:fs/promises')
const { constants, tmpdir } = builtin('node:os')
const { join } = builtin('node:path')

/**
 * `namespaces`: no network, no files but Python's own library, no other processes: what a program that nobody has read needs. It takes a Linux kernel that lets
 * users make namespaces.
 * `limits`: time, memory, processes and file sizes only. The program can read and write what you can, and reach the network: for programs that you would run
 * anyway.
 *
 * @example
 * isolations // ['namespaces', 'limits']
 */
export const isolations = ['namespaces', 'limits'] as const
export type Isolation = (typeof isolations)[number]

export interface SandboxLimits {
  /** By the clock, for all of it (default: 10). */
  readonly seconds: number
  /** Of the processor, each process (default: 5). */
  readonly cpuSeconds: number
  /** Address space of each process, in bytes (default: 256 MiB). */
  readonly memory: number
  /** Processes and threads together (default: 8). With `limits` the system counts all of the user's: give more. */
  readonly processes: number
  /** Of one file, in bytes (default: 8 MiB). */
  readonly fileSize: number
  /** Of /tmp, in bytes (default: 16 MiB); with `limits` it is not bounded. */
  readonly disk: number
  /** Default: 32. */
  readonly openFiles: number
  /** Characters printed (default: 65,536). */
  readonly output: number
}

/**
 * What a program may take where nothing is said.
 *
 * @example
 * defaultLimits.seconds // 10
 */
export const defaultLimits: SandboxLimits = {
  seconds: 10,
  cpuSeconds: 5,
  memory: 256 * 2 ** 20,
  processes: 8,
  fileSize: 8 * 2 ** 20,
  disk: 16 * 2 ** 20,
  openFiles: 32,
  output: 2 ** 16,
}

export interface SandboxOptions {
  /** There is no default: whoever runs code that nobody has read says how. */
  readonly isolation: Isolation
  readonly limits?: Partial<SandboxLimits>
  /** The interpreter (default: /usr/bin/python3, or else the python3 of PATH). */
  readonly python?: string
  readonly signal?: AbortSignal
}

/**
 * Runs a Python program that nobody has read. It gets an empty environment, no input, and a folder of its own; whatever it starts ends with it.
 * It passes if it reaches its end without an exception. (A program made to deceive can say so itself: it shares its process with what reports.)
 *
 * @throws InputError where there is no Python, or where the isolation cannot be had: it never falls back to less.
 * @example
 * import { runPython } from 'quire/codegen'
 *
 * const { passed, reason } = await runPython('assert sorted([2, 1]) == [2, 1]', { isolation: 'limits' })
 * reason // 'assertion'
 */
export async function runPython(program: string, options: SandboxOptions): Promise<Outcome> {
  const limits = { ...defaultLimits, ...options.limits }
  const folder = options.isolation === 'limits' ? await mkdtemp(join(tmpdir(), 'quire-sandbox-')) : undefined
  try {
    const token = randomBytes(16).toString('hex')
    const child = start(options.python ?? (await defaultPython()), folder)
    const spareUser = 2 ** 30 + (child.pid ?? 0)
    const settings = { program, token, isolation: options.isolation, limits, spareUser }
    return outcomeOf(await watched(child, JSON.stringify(settings), limits, options.signal), token)
  } finally {
    if (folder) await rm(folder, { recursive: true, force: true })
  }
}

/** In a process group of its own, so that it can be ended as a whole; nothing of our environment goes along. */
const start = (python: string, folder: string | undefined): ChildProcess =>
  spawn(python, ['-I', '-S', '-B', '-c', launcher], {
    cwd: folder ?? '/',
    env: { HOME: folder ?? '/tmp', TMPDIR: folder ?? '/tmp', LANG: 'C.UTF-8', PYTHONHASHSEED: '0' },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  })

interface Ended {
  /** As a shell gives it: 128 and the signal's number, where one ended it. */
  readonly status: number
  readonly output: string
  readonly report: string
  /** Why we ended it, if we did. */
  readonly stopped?: 'time' | 'output'
}

function watched(child: ChildProcess, settings: string, limits: SandboxLimits, signal?: AbortSignal): Promise<Ended> {
  return new Promise((resolve, reject) => {
    let stopped: Ended['stopped']
    const kill = () => {
      // The group is gone if all of it has ended.
      if (child.pid) ignoringErrors(() => process.kill(-child.pid!, 'SIGKILL'))
    }
    const stop = (why: 'time' | 'output') => {
      stopped ??= why
      kill()
    }
    const timer = setTimeout(() => stop('time'), limits.seconds * 1000)
    const aborted = () => kill()
    signal?.addEventListener('abort', aborted)
    const [output, report] = [[child.stdout!, child.stderr!], [child.stdio[3] as Readable]].map((streams) =>
      collected(streams, limits.output, () => stop('output')),
    )
    child.on('error', (cause) => {
      clearTimeout(timer)
      reject(new InputError(`Python could not be started: ${cause.message}`, { fix: 'install python3, or name one', cause }))
    })
    // A program that ended before it was read whole closes the pipe.
    child.stdin!.on('error', () => {})
    child.stdin!.end(settings)
    child.on('exit', kill)
    child.on('close', (code, ending) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', aborted)
      if (signal?.aborted) reject(signal.reason)
      else resolve({ status: code ?? 128 + constants.signals[ending!], output: output(), report: report(), stopped })
    })
  })
}

/** What streams give, up to a limit. */
function collected(streams: readonly Readable[], limit: number, exceeded: () => void): () => string {
  let text = ''
  for (const stream of streams) {
    stream.setEncoding('utf8')
    stream.on('error', () => {})
    stream.on('data', (part: string) => {
      if (text.length <= limit) text += part.slice(0, limit - text.length + 1)
      if (text.length > limit) exceeded()
    })
  }
  return () => text.slice(0, limit)
}

function ignoringErrors(action: () => void): void {
  try {
    action()
  } catch {
    // It has ended meanwhile, or its pipe has.
  }
}

interface Report {
  readonly setup?: string
  readonly token?: string
  readonly reason?: Outcome['reason']
  readonly detail?: string
  readonly line?: number | null
}

function outcomeOf({ status, output, report, stopped }: Ended, token: string): Outcome {
  const failed = (reason: Exclude<Outcome['reason'], 'passed'>, detail?: string): Outcome => ({
    passed: false,
    reason,
    ...(detail && { detail }),
    output,
  })
  if (stopped) return failed(stopped, stopped === 'time' ? 'the clock' : 'more than it may print')
  const said = report.split('\n').flatMap((line) => parsed(line) ?? [])
  const ended = said.find((one) => one.token === token)
  if (ended?.setup !== undefined) throw notIsolated(ended.setup)
  if (ended?.reason === 'passed') return { passed: true, reason: 'passed', output }
  if (ended)
    return { ...failed(ended.reason as Exclude<Outcome['reason'], 'passed'>, ended.detail), ...(ended.line && { line: ended.line }) }
  if (status === 128 + constants.signals.SIGXCPU) return failed('time', 'the processor')
  return status > 128 ? failed('killed', `signal ${status - 128}`) : failed('exit', `status ${status}`)
}

function parsed(line: string): Report | undefined {
  try {
    const value = JSON.parse(line)
    return value !== null && typeof value === 'object' ? value : undefined
  } catch {
    return undefined
  }
}

const notIsolated = (step: string): InputError =>
  new InputError(`this machine cannot isolate programs (${step})`, {
    where: 'sandbox',
    fix: 'allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0), or accept limits of time and memory alone with isolation `limits`',
  })

let found: Promise<string> | undefined

/** Debian's own interpreter rather than one of a user's version manager, which may lie where nobody else can read. */
async function defaultPython(): Promise<string> {
  found ??= (async () => {
    const { access } = builtin('node:fs/promises')
    return access('/usr/bin/python3').then(
      () => '/usr/bin/python3',
      () => 'python3',
    )
  })()
  return found
}
