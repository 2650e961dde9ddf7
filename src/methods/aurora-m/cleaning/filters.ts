/*
 * Filters of web text: each is a function of one document alone, or of what it has seen before, and says why it rejects.
 */

export interface Decision {
  readonly keep: boolean
  /** The filter's name, with what it measured in `features`. */
  readonly reason?: string
  readonly features: Readonly<Record<string, number>>
}

export interface Filter {
  readonly name: string
  /** Pure but for duplicates, which depend on what came before. */
  decide(text: string): Decision
}

const filter = (name: string, measure: (text: string) => number, accepts: (value: number) => boolean): Filter => ({
  name,
  decide(text) {
    const value = measure(text)
    const keep = accepts(value)
    return { keep, ...(!keep && { reason: name }), features: { [name]: value } }
  },
})

const characters = (text: string): number => [...text].length

const share = (text: string, pattern: RegExp): number => (text.match(pattern)?.length ?? 0) / Math.max(1, characters(text))

/** Code points. */
export const minChars = (least: number): Filter => filter('minChars', characters, (value) => value >= least)

export const maxChars = (most: number): Filter => filter('maxChars', characters, (value) => value <= most)

/** Characters that are no letter, mark, digit or white space. */
export const symbolRatio = (most: number): Filter =>
  filter(
    'symbolRatio',
    (text) => share(text, /[^\p{L}\p{M}\p{N}\s]/gu),
    (value) => value <= most,
  )

export const digitRatio = (most: number): Filter =>
  filter(
    'digitRatio',
    (text) => share(text, /\p{N}/gu),
    (value) => value <= most,
  )

/** The share of lines that equal an earlier one; blank ones do not count. */
export const repeatedLineRatio = (most: number): Filter =>
  filter(
    'repeatedLineRatio',
    (text) =>
      repeated(
        text
          .split('\n')
          .map((line) => line.trim())
          .filter(Boolean),
      ),
    (value) => value <= most,
  )

/** The share of runs of n words that equal an earlier one. */
export const repeatedNgramRatio = (n: number, most: number): Filter =>
  filter(
    'repeatedNgramRatio',
    (text) => repeated(runsOf(wordsOf(text), n)),
    (value) => value <= most,
  )

function repeated(items: readonly string[]): number {
  return items.length === 0 ? 0 : 1 - new Set(items).size / items.length
}

/** Words between white space and punctuation; of scripts without spaces each character is one. */
export const wordsOf = (text: string): string[] =>
  text.toLowerCase().match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{M}\p{N}]+/gu) ?? []

export const runsOf = (words: readonly string[], n: number): string[] =>
  Array.from({ length: Math.max(0, words.length - n + 1) }, (_, i) => words.slice(i, i + n).join(' '))

/** Scripts by the names that Unicode gives them. */
export const scripts = ['Latin', 'Devanagari', 'Han', 'Hiragana', 'Katakana', 'Cyrillic', 'Arabic', 'Greek', 'Hangul', 'Thai'] as const
export type Script = (typeof scripts)[number]

/** At least so much of the letters is of the scripts: Japanese is written in three. */
export function charSetFraction(own: readonly Script[], least: number): Filter {
  const ofScripts = new RegExp(`[${own.map((script) => `\\p{Script=${script}}`).join('')}]`, 'u')
  const fraction = (text: string) => {
    const letters = text.match(/\p{L}/gu) ?? []
    return letters.length === 0 ? 0 : letters.filter((letter) => ofScripts.test(letter)).length / letters.length
  }
  return filter('charSetFraction', fraction, (value) => value >= least)
}
