import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { exitStatus } from '../cli/failure.ts'
import type { VerbGroup } from '../cli/toolboxes.ts'
import { optionName } from '../cli/verbs.ts'
import { type SchemaKey, schemaKeys } from '../experiment/schema.ts'
import type { Verb } from '../methods/method.ts'
import type { Check } from './check.ts'
import { type Ended, quire, quireUntilOutput, quireUntilWork, refusalProblems, wordsOf } from './command.ts'
import { boundaries, neverValues } from './config-input.ts'

/** Options that make an example end soon where a damaged input does not stop it, and which it does not give itself. */
const small: Readonly<Record<string, string>> = {
  size: 'tiny',
  context: '32',
  steps: '120',
  epochs: '1',
  again: '1',
  points: '3',
  batch: '16',
  depths: '2',
}

/** Files of no use, made of a sound one. */
const damage: Readonly<Record<string, (sound: Uint8Array) => Uint8Array | string>> = {
  'empty.csv': () => '',
  'truncated.csv': (sound) => sound.subarray(0, Math.floor(sound.length / 2) - 3),
  'junk.csv': () => Uint8Array.from({ length: 4096 }, (_, i) => (i * 167 + 13) % 256),
  'columns.csv': () => 'one,two\n1,2\n3,4\n',
  'words.csv': () => 'a,b,class\nx,y,p\nz,w,q\n'.repeat(8),
  'empty.safetensors': () => '',
  'junk.safetensors': () => Uint8Array.from({ length: 4096 }, (_, i) => (i * 167 + 13) % 256),
  'huge.safetensors': () => Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 127, 123, 125),
  'empty.onnx': () => '',
  'junk.onnx': () => Uint8Array.from({ length: 4096 }, (_, i) => (i * 167 + 13) % 256),
  'empty.npz': () => '',
  'junk.json': () => '{"weights": [1, "x"',
}

/** Words that are no path to anything, no name and no number. */
const nonsense = ['', ' ', 'nonsense', 'no/such/place', '-', '../', 'x'.repeat(5000), '/dev/null/x', 'file.txt/x']

/** Where results cannot go. Anything else is a path that works, and would only take time. */
const noPlace = ['', '/dev/null/x', 'file.txt', 'file.txt/x']

/** Options that name where results go. */
const outputs = ['out', 'onnx', 'picture']

/** Every option of every verb and every file that it reads, each wrong in many ways. */
export const verbInput: Check<VerbGroup> = {
  name: 'verb input',
  rule: 'Wrong options and damaged, empty or missing files end in one line and exit status 2, or are no fault; nothing half-written stays',
  pace: 'long',
  async run(method, setting) {
    const { folder } = await setting.examples(method)
    thinImageFolders(folder)
    const wrong = makeWrongFiles(folder)
    const problems: string[] = []
    for (const verb of await method.verbs()) {
      // Of an option that takes one of these words, every other word would take a whole training to say the same.
      const taken = new Set<string>()
      for (const command of badCommands(method, verb, wrong)) {
        const ended = await tried(method, command, folder, taken.has(command.about))
        if (ended.status === 0 && !outputs.includes(command.about)) taken.add(command.about)
        problems.push(...ended.problems)
      }
    }
    return problems
  },
}

/** Leaves ten images a class: every command reads them all, whatever is wrong with its other options. */
function thinImageFolders(folder: string): void {
  const images = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /^[^/\\]+[/\\][^/\\]+[/\\][^/\\]+\.png$/.test(name),
  )
  const kept = new Map<string, number>()
  for (const name of images.sort()) {
    const count = (kept.get(dirname(name)) ?? 0) + 1
    kept.set(dirname(name), count)
    if (count > 10) rmSync(join(folder, name))
  }
}

/** Damaged files and a folder of nothing, in `wrong/`; returns their paths. */
function makeWrongFiles(folder: string): string[] {
  mkdirSync(join(folder, 'wrong', 'folder'), { recursive: true })
  writeFileSync(join(folder, 'file.txt'), 'a text\n')
  const table = readdirSync(folder).find((name) => name.endsWith('.csv'))
  const sound = table ? readFileSync(join(folder, table)) : new TextEncoder().encode('a,b,class\n1,2,p\n3,4,q\n'.repeat(10))
  for (const [name, make] of Object.entries(damage)) writeFileSync(join(folder, 'wrong', name), make(sound))
  return [...Object.keys(damage), 'folder'].map((name) => `wrong/${name}`)
}

/** Words that an option never takes; a list of texts takes any. */
const neverOf = (key: SchemaKey): readonly string[] =>
  key.kind === 'list' && z.safeParse(key.schema, ['nonsense']).success ? [] : neverValues[key.kind]

interface BadCommand {
  readonly argv: readonly string[]
  /** The option that is wrong. */
  readonly about: string
  readonly must: 'refuse' | 'survive'
  /** Nothing but an interruption ends it, where it takes what it is given. */
  readonly endless?: true
}

/** A verb's example, made quick, with one thing wrong in each. */
function* badCommands(method: VerbGroup, verb: Verb, wrongFiles: readonly string[]): Generator<BadCommand> {
  const keys = schemaKeys(verb.options)
  const base = wordsOf(verb.example).slice(1)
  const isOpen = (key: string) => keys.some((own) => own.key === key) && !base.includes(optionName(key))
  const quick = Object.entries(small).flatMap(([key, value]) => (isOpen(key) ? [optionName(key), value] : []))
  const withOption = (key: SchemaKey, word: string): string[] => {
    if (key.key !== verb.positional)
      return [...base, ...quick, ...(key.kind === 'switch' ? [optionName(key.key)] : [optionName(key.key), word])]
    return [base[0], base[1], word, ...base.slice(3), ...quick]
  }
  for (const key of keys) {
    if (key.kind === 'switch') continue
    const numbers = key.kind === 'number' ? boundaries(key).outside.map(String) : []
    const bad = (word: string, must: BadCommand['must']): BadCommand => ({
      argv: withOption(key, word),
      about: key.key,
      must,
      endless: verb.endless,
    })
    for (const word of [...neverOf(key), ...numbers]) yield bad(word, 'refuse')
    if (key.kind === 'list') yield bad('', 'survive')
    if (key.kind !== 'text') continue
    for (const word of outputs.includes(key.key) ? noPlace : [...nonsense, ...wrongFiles]) yield bad(word, 'survive')
  }
  yield { argv: [method.name, verb.name, '--no-such-option'], about: '', must: 'refuse' }
  yield { argv: [...base, '--no-such-option', '1'], about: '', must: 'refuse' }
}

/** How a bad command ended, and what it did that it must not; the work of one that takes its input is done unless `known`. */
async function tried(
  method: VerbGroup,
  { argv, must, endless }: BadCommand,
  folder: string,
  known: boolean,
): Promise<{ status: number; problems: readonly string[] }> {
  const before = filesIn(folder)
  const run = endless ? quireUntilOutput : known ? quireUntilWork : quire
  const ended = await run(method, argv, folder)
  const { status } = ended
  const interrupted = (known || endless) && status === exitStatus.interrupted
  if (must === 'survive' && [0, 1, 3].includes(status)) return { status, problems: [] }
  const left = [...filesIn(folder)].filter(([name, state]) => before.get(name) !== state && !isNamed(name, ended)).map(([name]) => name)
  const problems = [
    ...(interrupted && must === 'survive' ? [] : refusalProblems(ended)),
    ...(left.length ? [`it leaves ${left.slice(0, 3).join(', ')} behind`] : []),
  ]
  return { status, problems: problems.map((problem) => `\`${shown(argv)}\`: ${problem}`) }
}

const shown = (argv: readonly string[]): string =>
  `quire ${argv
    .map((word) => (word.length > 60 ? `${word.slice(0, 20)}…` : JSON.stringify(word)))
    .join(' ')
    .replaceAll('"', '')}`

/** Where a message says what it has left, and where. */
const isNamed = (name: string, { err }: Ended): boolean => name.includes('/') && err.includes(name.slice(0, name.lastIndexOf('/')))

/** Every file with its size and time. */
function filesIn(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'))
  return new Map(
    names.flatMap((name) => {
      const { size, mtimeMs, isFile } = { ...statSync(join(folder, name)), isFile: statSync(join(folder, name)).isFile() }
      return isFile ? [[name, `${size} ${mtimeMs}`] as const] : []
    }),
  )
}
