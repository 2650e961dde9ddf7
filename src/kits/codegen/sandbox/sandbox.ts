import { builtin } from '../../../engine/builtin.ts'
import { InputError } from '../../../engine/index.ts'
import { enclosed } from './enclosure.ts'

const { spawn } = builtin('node:child_process')

/**
 * How far strange code is kept from this machine. `namespaces`: no network, nothing can be written but a small memory disk, no other process is visible
 * (Linux, with user namespaces). `limits`: only time, memory and output are limited; the code can read, write and send whatever this user can.
 */
export type Isolation = 'namespaces' | 'limits'

export interface SandboxOptions {
  readonly isolation: Isolation
  /** Wall-clock time; default 10. */
  readonly seconds?: number
  /** Default 512 MiB. */
  readonly memoryBytes?: number
  /** What it may print; default 1 MiB. */
  readonly outputBytes?: number
}

/** How a program ended. */
export interface SandboxResult {
  readonly outcome: 'passed' | 'failed' | 'timeout' | 'memory' | 'output'
  /** The last line of what it wrote to standard error. */
  readonly detail: string
  readonly output: string
}

/**
 * Runs a Python program that nobody has read, with Debian's `python3`. The environment is empty: secrets in this process's own are not in it.
 *
 * @throws InputError where there is no python3, or the isolation that is asked for cannot be had.
 */
export async function runPython(
  program: string,
  { isolation, seconds = 10, memoryBytes = 2 ** 29, outputBytes = 2 ** 20 }: SandboxOptions,
): Promise<SandboxResult> {
  if (isolation === 'namespaces') await requireNamespaces()
  const { status, output, errors, reason } = await runEnclosed(program, { isolation, seconds, memoryBytes, outputBytes })
  const detail = errors.trimEnd().split('\n').at(-1) ?? ''
  if (reason) return { outcome: reason, detail, output }
  if (status === 0) return { outcome: 'passed', detail, output }
  return { outcome: /\bMemoryError\b|Cannot allocate memory/.test(errors) ? 'memory' : 'failed', detail, output }
}

interface Ended {
  readonly status: number | null
  readonly output: string
  readonly errors: string
  readonly reason?: 'timeout' | 'output'
}

function runEnclosed(program: string, options: Required<SandboxOptions>): Promise<Ended> {
  const [command, ...args] = enclosed(options)
  const child = spawn(command, args, { env: { PATH: '/usr/bin:/bin' }, detached: true, cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] })
  const texts = { output: '', errors: '' }
  let reason: Ended['reason']
  const end = (why: Ended['reason']) => {
    reason ??= why
    // Its group: whatever it has started ends with it.
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
  const timer = setTimeout(() => end('timeout'), 1000 * options.seconds)
  for (const [name, stream] of [
    ['output', child.stdout],
    ['errors', child.stderr],
  ] as const)
    stream.on('data', (chunk: Buffer) => {
      texts[name] += chunk.toString('utf8')
      if (texts.output.length + texts.errors.length > options.outputBytes) end('output')
    })
  // A program that ends without reading all of itself is no error here.
  child.stdin.on('error', () => {})
  child.stdin.end(program)
  return new Promise((resolve, reject) => {
    child.on('error', (cause) => {
      clearTimeout(timer)
      reject(
        new InputError('strange code is run with python3, which could not be started', {
          fix: 'install Debian’s python3 and util-linux',
          cause,
        }),
      )
    })
    child.on('close', (status) => {
      clearTimeout(timer)
      end(undefined)
      resolve({ status, ...texts, reason })
    })
  })
}

let namespaces: Promise<void> | undefined

/** Asks the kernel once: a program that only says hello, behind the same walls. */
function requireNamespaces(): Promise<void> {
  namespaces ??= runEnclosed('print("hello")', { isolation: 'namespaces', seconds: 10, memoryBytes: 2 ** 29, outputBytes: 2 ** 16 }).then(
    ({ output, errors }) => {
      if (output === 'hello\n') return
      throw new InputError(
        `strange code cannot be kept from the network here (${errors.trim().split('\n').at(-1) || 'user namespaces are not to be had'})`,
        {
          fix: 'run on Linux with user namespaces, python3 and util-linux, or accept mere limits of time and memory with --sandbox limits',
        },
      )
    },
  )
  return namespaces
}
