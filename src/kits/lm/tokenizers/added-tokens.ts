import type { Field } from './field.ts'
import type { Normalizer } from './normalizers.ts'
import { literal, rustWord } from './pattern/classes.ts'

/** A token that is found in a text as it stands, before anything else is done with it. */
export interface AddedToken {
  readonly id: number
  readonly content: string
  /** It means something of its own, and can be left out of decoded text. */
  readonly special: boolean
  /** Looked for in the normalized text, and normalized itself. */
  readonly normalized: boolean
  /** It takes the white space before it, and behind it, along. */
  readonly lstrip: boolean
  readonly rstrip: boolean
  /** Not within a word. */
  readonly singleWord: boolean
}

/** What `added_tokens` of a `tokenizer.json` says. */
export const readAddedTokens = (field: Field): AddedToken[] =>
  field.missing
    ? []
    : field
        .items()
        .map((item) => ({
          id: item.at('id').count(),
          content: item.at('content').text(),
          special: item.at('special').flag(false),
          normalized: item.at('normalized').flag(!item.at('special').flag(false)),
          lstrip: item.at('lstrip').flag(false),
          rstrip: item.at('rstrip').flag(false),
          singleWord: item.at('single_word').flag(false),
        }))
        .filter(({ content }) => content !== '')

/** A part of a text: a token, or text between tokens and where it begins. */
export type Section = { readonly id: number } | { readonly text: string; readonly begin: number }

/** Cuts a text at the tokens of a kind that it holds. */
export type Finder = (text: string) => Section[]

/** Finds the tokens that are looked for in the text as it is, and those looked for in normalized text. */
export function finders(tokens: readonly AddedToken[], normalize: Normalizer): { raw: Finder; normalized: Finder } {
  const changed = tokens.filter((token) => token.normalized).map((token) => ({ ...token, content: normalize(token.content) }))
  return { raw: finder(tokens.filter((token) => !token.normalized)), normalized: finder(changed) }
}

/** The leftmost token, and of those that begin there the longest. */
function finder(tokens: readonly AddedToken[]): Finder {
  const byContent = new Map(tokens.filter(({ content }) => content !== '').map((token) => [token.content, token]))
  if (byContent.size === 0) return (text) => (text === '' ? [] : [{ text, begin: 0 }])
  const longestFirst = [...byContent.keys()].sort((a, b) => b.length - a.length)
  const pattern = new RegExp(longestFirst.map((content) => Array.from(content, (c) => literal(c.codePointAt(0)!)).join('')).join('|'), 'gu')
  return (text) => {
    const sections: Section[] = []
    let end = 0
    for (const match of text.matchAll(pattern)) {
      const token = byContent.get(match[0])!
      const [from, to] = [match.index, match.index + match[0].length]
      if (token.singleWord && (endsInWord.test(text.slice(Math.max(0, from - 2), from)) || beginsInWord.test(text.slice(to, to + 2))))
        continue
      const begin = token.lstrip ? Math.max(from - spaceBefore(text, from), end) : from
      if (end < begin) sections.push({ text: text.slice(end, begin), begin: end })
      sections.push({ id: token.id })
      end = token.rstrip ? to + spaceAfter(text, to) : to
    }
    if (end < text.length) sections.push({ text: text.slice(end), begin: end })
    return sections
  }
}

const beginsInWord = new RegExp(`^${rustWord}`, 'v')
const endsInWord = new RegExp(`${rustWord}$`, 'v')
const isSpace = (character: string): boolean => /^\p{White_Space}$/u.test(character)

function spaceBefore(text: string, end: number): number {
  let at = end
  while (at > 0 && isSpace(text[at - 1])) at--
  return end - at
}

function spaceAfter(text: string, begin: number): number {
  let at = begin
  while (at < text.length && isSpace(text[at])) at++
  return at - begin
}
