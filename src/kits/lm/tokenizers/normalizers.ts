import type { Field } from './field.ts'
import { readPattern } from './pattern/read.ts'
import { isWithinCharacter } from './split.ts'

/** Changes a text before it is cut into pieces. */
export type Normalizer = (text: string) => string

const forms = ['NFC', 'NFD', 'NFKC', 'NFKD'] as const
const kinds = [...forms, 'Lowercase', 'Prepend', 'Replace', 'Sequence', 'Strip'] as const

/** What `normalizer` of a `tokenizer.json` says. */
export function readNormalizer(field: Field): Normalizer {
  if (field.missing) return (text) => text
  const kind = field.at('type').oneOf(kinds)
  switch (kind) {
    case 'Lowercase':
      return lowercase
    case 'Prepend': {
      const before = field.at('prepend').text()
      return (text) => (text === '' ? text : before + text)
    }
    case 'Replace':
      return replacing(field)
    case 'Strip':
      return strip(field.at('strip_left').flag(), field.at('strip_right').flag())
    case 'Sequence': {
      const steps = field.at('normalizers').items().map(readNormalizer)
      return (text) => steps.reduce((changed, step) => step(changed), text)
    }
    default:
      return (text) => text.normalize(kind)
  }
}

/** Replaces what a pattern finds by a text that is taken as it is. */
export function replacing(field: Field): Normalizer {
  const pattern = readPattern(field.at('pattern'))
  const content = field.at('content').text()
  return typeof pattern === 'string'
    ? (text) => (pattern === '' ? text : text.replaceAll(pattern, () => content))
    : (text) => text.replace(pattern, (found: string, index: number) => (isWithinCharacter(text, { index, 0: found }) ? '' : content))
}

/** Character by character: a capital sigma does not become another letter at the end of a word. */
const lowercase: Normalizer = (text) =>
  text.includes('Σ') ? Array.from(text, (character) => character.toLowerCase()).join('') : text.toLowerCase()

const strip = (left: boolean, right: boolean): Normalizer => {
  const [before, after] = [/^\p{White_Space}+/u, /\p{White_Space}+$/u]
  return (text) => {
    const begun = left ? text.replace(before, '') : text
    return right ? begun.replace(after, '') : begun
  }
}
