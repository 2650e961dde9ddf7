import { Writable } from 'node:stream'
import { cli } from '../cli/cli.ts'
import type { VerbGroup } from '../cli/toolboxes.ts'
import type { Method, Verb } from '../methods/method.ts'

/** How a command ended. */
export interface Ended {
  readonly status: number
  readonly out: string
  readonly err: string
}

/** Does something with `folder` as the working folder. */
export async function inFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const home = process.cwd()
  process.chdir(folder)
  try {
    return await work()
  } finally {
    process.chdir(home)
  }
}

const isMethod = (group: VerbGroup): group is Method => 'experiment' in group

/** Runs `quire …` with one method or toolbox, in this process; `signal` is its Ctrl-C. `onOut` is told of what is printed. */
export async function quire(
  group: VerbGroup,
  argv: readonly string[],
  folder: string,
  signal: AbortSignal = new AbortController().signal,
  onOut: () => void = () => {},
): Promise<Ended> {
  const [out, err]: [string[], string[]] = [[], []]
  const terminal = {
    out: (line: string) => {
      out.push(line)
      onOut()
    },
    err: (line: string) => err.push(line),
    errStream: new Writable({ write: (chunk, _, done) => done(void err.push(String(chunk).trimEnd())) }),
    outIsTty: false,
    errIsTty: false,
    env: {},
    signal,
  }
  const status = await inFolder(folder, () =>
    cli(argv, { terminal, ...(isMethod(group) ? { methods: [group], toolboxes: [] } : { methods: [], toolboxes: [group] }) }),
  )
  return { status, out: out.join('\n'), err: err.join('\n') }
}

/** As `quire`, but interrupted as soon as it prints something: of a command that has no end of its own. */
export function quireUntilOutput(group: VerbGroup, argv: readonly string[], folder: string): Promise<Ended> {
  const stop = new AbortController()
  return quire(group, argv, folder, stop.signal, () => stop.abort())
}

/** As `quire`, but interrupted at the first step of a verb's work: it says what becomes of the input without doing the work. */
export function quireUntilWork(group: VerbGroup, argv: readonly string[], folder: string): Promise<Ended> {
  const stop = new AbortController()
  const stopping = (verb: Verb): Verb => ({
    ...verb,
    run: (context) =>
      verb.run({
        ...context,
        progress(...how) {
          stop.abort()
          return context.progress(...how)
        },
      }),
  })
  return quire({ ...group, verbs: async () => (await group.verbs()).map(stopping) }, argv, folder, stop.signal)
}

/** A command line as words. Ours need no quotes. */
export const wordsOf = (line: string): string[] => line.trim().split(/\s+/)

/** What is wrong with how a command refused its input: exit status 2 and one line that says what, where and what to do; never a stack. */
export function refusalProblems({ status, err }: Ended): string[] {
  const lines = err.split('\n').filter((line) => line.startsWith('quire'))
  if (status === 70) return [`a defect (exit status 70): ${err.split('\n').find((line) => /error/i.test(line)) ?? err.slice(0, 200)}`]
  if (status !== 2) return [`exit status ${status} instead of 2`]
  if (lines.length !== 1 || !err.endsWith(lines[0])) return [`not one line of error: ${err.slice(-300)}`]
  if (/undefined|\[object /.test(lines[0])) return [`the message shows its inside: ${lines[0]}`]
  return []
}
