import { shellCommand } from '../../../experiment/format.ts'
import { settingWords } from '../../../experiment/report/rows.ts'
import type { Text } from '../../../experiment/text.ts'
import type { FormField, Problem, RunForm, StartRequest } from '../../api.ts'
import { sentences, texts } from '../../texts.ts'
import { groupBy } from '../group-by.ts'
import { isJson } from '../json.ts'

/** What somebody has filled in: words, as for the command line; an empty one stays as the preset has it. */
export interface Filled {
  readonly method: string
  readonly preset: StartRequest['preset']
  readonly seeds: string
  readonly settings: Readonly<Record<string, string>>
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** What is wrong with a word for a field, if the page can tell; the server has the last word. */
export function fieldProblem({ kind, choices, least, most, whole, fallback }: FormField, word: string): Text | undefined {
  const text = word.trim()
  if (text === '' || (text === 'null' && fallback === null)) return undefined
  if (kind === 'choice') return choices && !choices.includes(text) ? texts.notAChoice : undefined
  if (kind === 'json') return isJson(text) ? undefined : texts.notJson
  if (kind !== 'number') return undefined
  if (!decimal.test(text)) return texts.notANumber
  const value = Number(text)
  // 1e999 is a decimal, and larger than any number.
  if (!Number.isFinite(value)) return texts.notANumber
  if (whole && !Number.isInteger(value)) return texts.notWhole
  if (least !== undefined && value < least) return sentences.below(least)
  return most !== undefined && value > most ? sentences.above(most) : undefined
}

/** What the server refused about a field. */
export interface Refused {
  readonly key: string
  readonly words: string
}

/** What was refused about a field, if it was about one: the server says where as the command line does, `--set KEY`. */
export function refusedField({ fields }: RunForm, problem?: Problem['error']): Refused | undefined {
  const key = problem?.where?.replace(/^--set /, '')
  if (key === undefined || !fields.some((field) => field.key === key)) return undefined
  return { key, words: [problem!.message, problem!.fix].filter(Boolean).join(': ') }
}

/** The id of a field's element. */
export const fieldId = (key: string): string => `set-${key}`

/** What the seeds of a run are to be, or what is wrong with the words for them. */
export type ParsedSeeds = { readonly seeds?: readonly number[]; readonly problem?: undefined } | { readonly problem: Text }

const firstSeeds = (count: number): number[] => Array.from({ length: count }, (_, seed) => seed)

/**
 * `5` is five seeds from 0 on, `#3` the seed 3 alone, nothing as many as the preset has. The command line's own words serve too, `--seeds 5` and
 * `--seed 3`, and a list, where it is one of these; what the command line would refuse is refused in its words.
 */
export function parseSeeds(word: string): ParsedSeeds {
  const text = word.trim()
  if (text === '') return {}
  const [, sign, typed] = /^(--seeds[\s=]|--seed[\s=]|#)?\s*(.*)$/s.exec(text)!
  const isAlone = sign === '#' || /^--seed[\s=]/.test(sign ?? '')
  const numbers = typed.split(/[\s,]+/)
  if (!sign && numbers.length > 1 && numbers.every(isWhole)) return listed(numbers.map(Number))
  const least = isAlone ? 0 : 1
  if (!isWhole(typed) || Number(typed) < least) return { problem: sentences.notWholeNumber(typed, least) }
  if (isAlone) return { seeds: [Number(typed)] }
  return Number(typed) > mostSeeds ? { problem: sentences.above(mostSeeds) } : { seeds: firstSeeds(Number(typed)) }
}

/** More are not started from here. */
const mostSeeds = 1000

const isWhole = (typed: string): boolean => /^\d+$/.test(typed) && Number.isSafeInteger(Number(typed))

const listed = (seeds: readonly number[]): ParsedSeeds =>
  seeds.every((seed, i) => seed === i) ? { seeds } : { problem: sentences.notFirstSeeds(seeds.join(', ')) }

const settingsOf = ({ settings }: Filled): Record<string, string> =>
  Object.fromEntries(Object.entries(settings).flatMap(([key, word]) => (word.trim() === '' ? [] : [[key, word.trim()]])))

/** What the server is asked for, or undefined where something is wrong. */
export function requestOf(form: RunForm, filled: Filled): StartRequest | undefined {
  const { problem, ...seeds } = parseSeeds(filled.seeds)
  if (problem || form.fields.some((field) => fieldProblem(field, filled.settings[field.key] ?? ''))) return undefined
  const settings = settingsOf(filled)
  return { method: filled.method, preset: filled.preset, ...seeds, ...(Object.keys(settings).length && { settings }) }
}

/** The command that does the same. */
export function commandOf(filled: Filled): string {
  const parsed = parseSeeds(filled.seeds)
  const seeds = parsed.problem ? undefined : parsed.seeds
  const isCount = seeds?.every((seed, i) => seed === i)
  return shellCommand([
    ...['npx', 'quire', 'run', filled.method, '--preset', filled.preset],
    ...(seeds ? (isCount ? ['--seeds', String(seeds.length)] : ['--seed', String(seeds[0])]) : []),
    ...Object.entries(settingsOf(filled)).flatMap(([key, word]) => ['--set', `${key}=${word}`]),
  ])
}

/** What each field is in a preset, as it would be typed. */
export function presetWords(form: RunForm, name: StartRequest['preset']): ReadonlyMap<string, string> {
  const config = form.presets.find((preset) => preset.name === name)?.config ?? {}
  const words = settingWords(config).map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] as const)
  return new Map([...form.fields.map(({ key, fallback }) => [key, typed(fallback)] as const), ...words])
}

const typed = (value: unknown): string => (value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value))

/** Fields by the group that their key names: `logreg.epochs` belongs to `logreg`. */
export const grouped = (fields: readonly FormField[]): ReadonlyMap<string, readonly FormField[]> =>
  groupBy(fields, ({ key }) => key.slice(0, Math.max(0, key.lastIndexOf('.'))))
