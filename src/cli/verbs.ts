import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { InputError } from '../engine/errors.ts'
import { asInputError } from '../experiment/run/disk.ts'
import { parseTyped, type SchemaKey, schemaKeys, schemaProblem } from '../experiment/schema.ts'
import type { Verb } from '../methods/method.ts'
import type { Shell } from './cli.ts'
import type { QuireCommand } from './command.ts'
import { exampleHelp } from './example.ts'
import { exitStatus } from './failure.ts'
import { requireFilePlace, requirePlace } from './outputs.ts'
import { progressOn } from './progress.ts'
import type { VerbGroup } from './toolboxes.ts'

/** `learningRate` → `--learning-rate` */
export const optionName = (key: string): string => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

/** Options as commander hands them over: words, or true for a switch. */
type Words = Record<string, string | boolean | string[] | undefined>

const placeholder = ({ kind, choices }: SchemaKey): string => (choices ? choices.join('|') : kind === 'list' ? 'a,b,…' : kind)

const help = ({ description, optional, fallback }: SchemaKey): string =>
  description +
  (!optional
    ? ' (required)'
    : fallback === undefined || fallback === false
      ? ''
      : ` (default: ${Array.isArray(fallback) ? fallback.join() : JSON.stringify(fallback)})`)

function addOption(command: QuireCommand, key: SchemaKey): void {
  const name = optionName(key.key)
  if (key.kind !== 'switch') command.option(`${name} <${placeholder(key)}>`, help(key))
  else if (key.fallback === true) command.option(`--no-${name.slice(2)}`, `not: ${key.description}`)
  else command.option(name, key.description)
}

function addPositional(command: QuireCommand, { key, kind, optional, description }: SchemaKey): void {
  const word = kind === 'list' ? `${key}...` : key
  command.argument(optional ? `[${word}]` : `<${word}>`, description)
}

/** Adds a group's verbs as commands, their options from their schemas. `bare`: no verb was given, which shows the help. */
export async function addVerbs(
  command: QuireCommand,
  group: VerbGroup,
  shell: Shell,
  set: (work: () => Promise<number>) => void,
  bare: boolean,
): Promise<void> {
  const verbs = await group.verbs()
  const isMethod = group.title !== undefined
  command.description(isMethod ? `${group.summary.en} (${group.title}, arXiv ${group.arxiv})` : group.summary.en)
  if (bare || !verbs.length)
    command.action(() =>
      set(async () => {
        command.outputHelp()
        return 0
      }),
    )
  command.addHelpText(
    'after',
    `\nExamples:\n${[...verbs.map(({ example }) => example), ...(isMethod ? [`quire run ${group.name}`] : [])].map((line) => `  ${line}`).join('\n')}`,
  )
  for (const verb of verbs) {
    const own = command.command(verb.name).description(verb.summary.en) as QuireCommand
    const keys = schemaKeys(verb.options)
    const positional = keys.find(({ key }) => key === verb.positional)
    if (positional) addPositional(own, positional)
    for (const key of keys) if (key !== positional) addOption(own, key)
    own.option('--json', 'one JSON document').addHelpText('after', exampleHelp(verbs, verb))
    own.action((...given: unknown[]) => {
      const words = { ...own.opts<Words>(), ...(positional && { [positional.key]: given[0] as string }) }
      set(() => runVerb(shell, group, verb, keys, words))
    })
  }
}

function typedOptions(where: string, verb: Verb, keys: readonly SchemaKey[], words: Words): Record<string, unknown> {
  const typed: Record<string, unknown> = {}
  for (const key of keys) {
    const word = words[key.key]
    if (word === undefined || (Array.isArray(word) && !word.length)) continue
    typed[key.key] =
      typeof word === 'string' ? parseTyped(key, word, `${where} ${key.key === verb.positional ? key.key : optionName(key.key)}`) : word
  }
  const missing = keys.find(({ key, optional }) => !optional && typed[key] === undefined)
  if (missing)
    throw new InputError(`it needs ${optionName(missing.key)} (${missing.description})`, { where, fix: `for example: ${verb.example}` })
  const parsed = z.safeParse(verb.options, typed)
  if (!parsed.success) throw new InputError(schemaProblem(parsed.error), { where, fix: `for example: ${verb.example}` })
  return parsed.data
}

async function runVerb({ terminal }: Shell, group: VerbGroup, verb: Verb, keys: readonly SchemaKey[], words: Words): Promise<number> {
  const options = typedOptions(`quire ${group.name} ${verb.name}`, verb, keys, words)
  if (typeof options.out === 'string') (verb.out === 'file' ? requireFilePlace : requirePlace)(options.out, '--out')
  const json = words.json === true
  const progress = await progressOn(terminal)
  const { signal } = terminal
  try {
    const result = await verb.run({
      options,
      signal,
      log: (line) => progress.line(line),
      out: (line) => {
        progress.stop()
        if (!json) terminal.out(line)
      },
      ...(terminal.write && {
        write(text: string) {
          progress.stop()
          if (!json) terminal.write?.(text)
        },
      }),
      async progress(done, total, note = '') {
        progress.show(Math.min(1, done / Math.max(1, total)), note)
        await new Promise((resolve) => setImmediate(resolve))
        signal.throwIfAborted()
      },
    })
    progress.stop()
    if (json) terminal.out(JSON.stringify(result.json, null, 2))
    else for (const line of result.lines ?? []) terminal.out(line)
    return result.status ?? 0
  } catch (error) {
    progress.stop()
    // What the operating system refuses is the path's fault, and the path is the user's.
    if (!signal.aborted) throw asInputError(error, (error as NodeJS.ErrnoException).path || `quire ${group.name} ${verb.name}`)
    const kept = await keptIn(options.out)
    terminal.err(kept ? `interrupted; what it has reached stands in ${kept}: the same command goes on with it` : 'interrupted')
    return exitStatus.interrupted
  }
}

/** The folder below a place for results in which an interrupted training stands. */
async function keptIn(out: unknown): Promise<string | undefined> {
  if (typeof out !== 'string' || !statSync(out, { throwIfNoEntry: false })?.isDirectory()) return undefined
  const { unfinishedFile } = await import('../train/resumable.ts')
  const found = readdirSync(out, { recursive: true, encoding: 'utf8' }).find((name) => basename(name) === unfinishedFile)
  return found && join(out, dirname(found))
}
