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

/**
 * At least so many code points.
 *
 * @example
 * minChars(5).decide('abcd').keep // false
 */
export const minChars = (least: number): Filter => filter('minChars', characters, (value) => value >= least)

/**
 * At most so many code points.
 *
 * @example
 * maxChars(5).decide('abcd').keep // true
 */
export const maxChars = (most: number): Filter => filter('maxChars', characters, (value) => value <= most)

/**
 * The share of characters that are no letter, mark, digit or white space.
 *
 * @example
 * symbolRatio(0.3).decide('a! b').features.symbolRatio // 0.25
 */
export const symbolRatio = (most: number): Filter =>
  filter(
    'symbolRatio',
    (text) => share(text, /[^\p{L}\p{M}\p{N}\s]/gu),
    (value) => value <= most,
  )

/**
 * The share of digits, of any script.
 *
 * @example
 * digitRatio(0.3).decide('12ab').keep // false
 */
export const digitRatio = (most: number): Filter =>
  filter(
    'digitRatio',
    (text) => share(text, /\p{N}/gu),
    (value) => value <= most,
  )

/**
 * The share of lines that equal an earlier one; blank ones do not count.
 *
 * @example
 * repeatedLineRatio(0.3).decide('one\ntwo\none').features.repeatedLineRatio // 0.3333333
 */
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

/**
 * The share of runs of n words that equal an earlier one.
 *
 * @example
 * repeatedNgramRatio(2, 0.3).decide('a b a b').features.repeatedNgramRatio // 0.3333333
 */
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

/**
 * At least so much of the letters is of the scripts: Japanese is written in three.
 *
 * @example
 * charSetFraction(['Latin'], 0.7).decide('ab вг').features.charSetFraction // 0.5
 */
export function charSetFraction(own: readonly Script[], least: number): Filter {
  const ofScripts = new RegExp(`[${own.map((script) => `\\p{Script=${script}}`).join('')}]`, 'u')
  const fraction = (text: string) => {
    const letters = text.match(/\p{L}/gu) ?? []
    return letters.length === 0 ? 0 : letters.filter((letter) => ofScripts.test(letter)).length / letters.length
  }
  return filter('charSetFraction', fraction, (value) => value >= least)
}
