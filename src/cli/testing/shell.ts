import { Writable } from 'node:stream'
import { z } from 'zod'
import { type WalkHooks, walk } from '../../experiment/testing/walk.ts'
import { type Method, verb } from '../../methods/method.ts'
import { cli } from '../cli.ts'

const steps = verb({
  name: 'count-steps',
  summary: { en: 'Counts the steps of a file', zh: '数步数' },
  example: 'quire walk count-steps way.txt --step-length 2',
  positional: 'files',
  options: z.object({
    files: z.array(z.string()).min(1).describe('ways to count'),
    stepLength: z.number().positive().default(1).describe('metres a step'),
    names: z.array(z.string()).default([]).describe('of those who walk'),
    verbose: z.boolean().default(false).describe('say more'),
    round: z.boolean().default(true).describe('round the result'),
    unit: z.enum(['m', 'km']).default('m').describe('unit of the result'),
  }),
  async run({ options, out, progress }) {
    await progress(1, 1)
    out('counting')
    return { lines: [`${options.files.length} files`], json: options }
  },
})

/** The walk as a method, besides one with a longer name. */
export const walkMethods = (hooks: WalkHooks = {}): Method[] => [
  {
    number: 98,
    name: 'walk',
    title: 'Walking',
    arxiv: '0000.00000',
    area: 'feet',
    summary: { en: 'Walks.', zh: '行走。' },
    experiment: async () => walk(hooks),
    settings: async () => ({}),
    verbs: async () => [steps],
  },
  {
    number: 3,
    name: 'long-jump',
    title: 'Jumping',
    arxiv: '0000.00001',
    area: 'feet',
    summary: { en: 'Jumps.', zh: '跳跃。' },
    experiment: async () => Promise.reject(new Error('must not be loaded')),
    settings: async () => Promise.reject(new Error('must not be loaded')),
    verbs: async () => Promise.reject(new Error('must not be loaded')),
  },
]

export interface Outcome {
  readonly status: number
  readonly out: string
  readonly err: string
}

/** Runs a command line in this process and returns what it wrote. */
export async function shell(
  argv: readonly string[],
  {
    hooks = {},
    env = {},
    signal = new AbortController().signal,
    tty = false,
  }: { hooks?: WalkHooks; env?: Record<string, string>; signal?: AbortSignal; tty?: boolean } = {},
): Promise<Outcome> {
  const out: string[] = []
  const err: string[] = []
  const errStream = new Writable({
    write(chunk, _, done) {
      err.push(String(chunk))
      done()
    },
  })
  const terminal = {
    out: (line: string) => out.push(line),
    err: (line: string) => err.push(line),
    errStream,
    outIsTty: tty,
    errIsTty: tty,
    env,
    signal,
  }
  const status = await cli(argv, { terminal, methods: walkMethods(hooks) })
  return { status, out: out.join('\n'), err: err.join('\n') }
}
