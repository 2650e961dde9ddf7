import { shellCommand } from '../../../experiment/format.ts'
import { settingWords } from '../../../experiment/report/rows.ts'
import type { Text } from '../../../experiment/text.ts'
import type { FormField, RunForm, StartRequest } from '../../api.ts'
import { sentences, texts } from '../../texts.ts'
import { groupBy } from '../group-by.ts'

/** What somebody has filled in: words, as for the command line; an empty one stays as the preset has it. */
export interface Filled {
  readonly method: string
  readonly preset: StartRequest['preset']
  readonly seeds: string
  readonly settings: Readonly<Record<string, string>>
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** What is wrong with a word for a field, if the page can tell; the server has the last word. */
export function fieldProblem({ kind, choices, least, most, whole }: FormField, word: string): Text | undefined {
  const text = word.trim()
  if (text === '' || text === 'null') return undefined
  if (kind === 'choice') return choices && !choices.includes(text) ? texts.notAChoice : undefined
  if (kind === 'json') return isJson(text) ? undefined : texts.notJson
  if (kind !== 'number') return undefined
  if (!decimal.test(text)) return texts.notANumber
  const value = Number(text)
  if (whole && !Number.isInteger(value)) return texts.notWhole
  if (least !== undefined && value < least) return sentences.below(least)
  return most !== undefined && value > most ? sentences.above(most) : undefined
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** `5` is five seeds from 0 on, `#3` the seed 3 alone, nothing as many as the preset has; undefined for anything else. */
export function parseSeeds(word: string): { readonly seeds?: readonly number[] } | undefined {
  const text = word.trim()
  if (text === '') return {}
  const [, alone] = /^#\s*(\d{1,9})$/.exec(text) ?? []
  if (alone !== undefined) return { seeds: [Number(alone)] }
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0
  return count > 0 ? { seeds: Array.from({ length: count }, (_, seed) => seed) } : undefined
}

const settingsOf = ({ settings }: Filled): Record<string, string> =>
  Object.fromEntries(Object.entries(settings).flatMap(([key, word]) => (word.trim() === '' ? [] : [[key, word.trim()]])))

/** What the server is asked for, or undefined where something is wrong. */
export function requestOf(form: RunForm, filled: Filled): StartRequest | undefined {
  const seeds = parseSeeds(filled.seeds)
  if (!seeds || form.fields.some((field) => fieldProblem(field, filled.settings[field.key] ?? ''))) return undefined
  const settings = settingsOf(filled)
  return { method: filled.method, preset: filled.preset, ...seeds, ...(Object.keys(settings).length && { settings }) }
}

/** The command that does the same. */
export function commandOf(filled: Filled): string {
  const { seeds } = parseSeeds(filled.seeds) ?? {}
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
