import { charactersOfBytes } from './byte-alphabet.ts'
import type { Field } from './field.ts'
import { rustWord } from './pattern/classes.ts'
import { readPattern } from './pattern/read.ts'
import { translatePattern } from './pattern/translate.ts'
import { behaviors, type Splitter, splitter } from './split.ts'

/** Cuts a text into the pieces that merges do not cross. */
export interface PreTokenizer {
  /** Cuts each of the pieces of a text. `atStart`: the first of them begins the whole text. '' stands for nothing. */
  split(pieces: readonly string[], atStart: boolean): readonly string[]
  /** How the model's vocabulary spells a piece; as it is where there is none. */
  readonly spell?: (piece: string) => string
}

/** What GPT-2 cuts texts by, in the words of its files. */
export const gpt2Pattern = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

const kinds = ['ByteLevel', 'Digits', 'Metaspace', 'Punctuation', 'Sequence', 'Split', 'Whitespace', 'WhitespaceSplit'] as const

/** What `pre_tokenizer` of a `tokenizer.json` says. */
export function readPreTokenizer(field: Field): PreTokenizer {
  if (field.missing) return { split: (pieces) => pieces }
  switch (field.at('type').oneOf(kinds)) {
    case 'ByteLevel':
      return byteLevel(field.at('add_prefix_space').flag(true), field.at('use_regex').flag(true))
    case 'Digits':
      return by(splitter(/\p{N}/gu, field.at('individual_digits').flag(false) ? 'Isolated' : 'Contiguous'))
    case 'Metaspace':
      return metaspace(field)
    case 'Punctuation':
      return by(splitter(/[!-/:-@[-`{-~\p{P}]/gu, field.at('behavior').oneOf(behaviors, 'Isolated')))
    case 'Sequence':
      return sequence(field.at('pretokenizers').items().map(readPreTokenizer))
    case 'Split':
      return split(field)
    case 'Whitespace':
      return by(splitter(new RegExp(`${rustWord}+|[^${rustWord}\\p{White_Space}]+`, 'gv'), 'Removed', true))
    case 'WhitespaceSplit':
      return by(splitter(/\p{White_Space}/gu, 'Removed'))
  }
}

/** Cuts each piece by itself. */
const by = (cut: Splitter): PreTokenizer => ({ split: (pieces) => pieces.flatMap((piece) => (piece === '' ? piece : cut(piece))) })

/** Spaces begin words, as a visible character; the text may begin with one that is not there. */
function metaspace(field: Field): PreTokenizer {
  const space = field.at('replacement').text('▁')
  const prefix = prefixOf(field)
  const cut = splitter(literally(space), 'MergedWithNext')
  const whole = !field.at('split').flag(true)
  return {
    split: (pieces, atStart) =>
      pieces.flatMap((piece, i) => {
        if (piece === '') return piece
        const spaced = piece.replaceAll(' ', space)
        const added = prefix === 'always' || (prefix === 'first' && atStart && i === 0)
        const begun = added && !spaced.startsWith(space) ? space + spaced : spaced
        return whole ? begun : cut(begun)
      }),
  }
}

/** Older files say `add_prefix_space`. */
function prefixOf(field: Field): 'always' | 'never' | 'first' {
  const scheme = field.at('prepend_scheme')
  const old = field.at('add_prefix_space').flag(true)
  if (scheme.missing) return old ? 'always' : 'never'
  const stated = scheme.oneOf(['always', 'never', 'first'])
  return old || stated === 'never' ? stated : field.at('add_prefix_space').refuse(`is false, but prepend_scheme is "${stated}"`)
}

function split(field: Field): PreTokenizer {
  const pattern = readPattern(field.at('pattern'))
  if (pattern === '') return { split: (pieces) => pieces }
  const behavior = field.at('behavior').oneOf(behaviors)
  return by(splitter(typeof pattern === 'string' ? literally(pattern) : pattern, behavior, field.at('invert').flag(false)))
}

const literally = (text: string): RegExp =>
  new RegExp(Array.from(text, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`).join(''), 'gu')

const utf8 = new TextEncoder()

function byteLevel(addPrefix: boolean, cutWords: boolean): PreTokenizer {
  const cut = cutWords ? splitter(translatePattern(gpt2Pattern), 'Isolated') : undefined
  return {
    split(pieces) {
      const begun = addPrefix ? pieces.map((piece) => (piece === '' || piece.startsWith(' ') ? piece : ` ${piece}`)) : pieces
      return cut ? begun.flatMap((piece) => (piece === '' ? piece : cut(piece))) : begun
    },
    spell: (piece) => charactersOfBytes(utf8.encode(piece)),
  }
}

/** Each step cuts what the one before has left; the last one's spelling is left to the model, which remembers pieces. */
function sequence(steps: readonly PreTokenizer[]): PreTokenizer {
  const last = steps.at(-1)
  return {
    split: (given, atStart) =>
      steps.reduce((pieces, { split, spell }, i) => {
        const cut = split(pieces, atStart)
        return spell && i < steps.length - 1 ? cut.map(spell) : cut
      }, given),
    spell: last?.spell,
  }
}
