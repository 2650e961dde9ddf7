import { foldKey } from '../../engine/threefry.ts'
import { type Draws, draws, seedKey, uses } from '../draws.ts'
import type { NtrexLanguage } from './ntrex.ts'

/*
 * A stand-in for parallel news: five invented languages that say the same things in scripts, word lengths and word orders of their own. A model can
 * learn each one's spelling and syntax; nothing that it learns says anything about a real language.
 */

/** How a language spells a syllable and builds a clause. */
interface Grammar {
  readonly onsets: readonly string[]
  readonly nuclei: readonly string[]
  readonly codas: readonly string[]
  /** Syllables a word, from and to. */
  readonly syllables: readonly [number, number]
  readonly order: 'subject verb object' | 'subject object verb'
  readonly adjective: 'before' | 'after'
  readonly space: string
  readonly comma: string
  readonly stop: string
  readonly capitals: boolean
}

const latin = { space: ' ', comma: ', ', stop: '.', capitals: true } as const

const grammars: Readonly<Record<NtrexLanguage, Grammar>> = {
  eng: {
    ...latin,
    onsets: ['b', 'cl', 'd', 'f', 'gr', 'h', 'l', 'm', 'n', 'p', 'r', 's', 'st', 't', 'w'],
    nuclei: ['a', 'e', 'i', 'o', 'u', 'ea', 'ou'],
    codas: ['', 'n', 'r', 's', 't', 'nd', 'll'],
    syllables: [1, 2],
    order: 'subject verb object',
    adjective: 'before',
  },
  fin: {
    ...latin,
    onsets: ['h', 'k', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v', 'j'],
    nuclei: ['a', 'aa', 'e', 'i', 'ii', 'o', 'u', 'y', 'ä', 'ää', 'ö'],
    codas: ['', '', 'n', 's', 'tt'],
    syllables: [2, 4],
    order: 'subject verb object',
    adjective: 'before',
  },
  hin: {
    onsets: [...'कखगचजटडतदनपबमयरलवशसह'],
    nuclei: ['', 'ा', 'ि', 'ी', 'ु', 'े', 'ो'],
    codas: ['', '', 'ं'],
    syllables: [1, 3],
    order: 'subject object verb',
    adjective: 'before',
    space: ' ',
    comma: ', ',
    stop: '।',
    capitals: false,
  },
  jpn: {
    onsets: [...'あいうえおかきくけこさしすせそたちつてとなにのはひふまみもやゆよらりるれろわ日本人大国年中出会社市地上'],
    nuclei: [''],
    codas: ['', '', '', 'ん'],
    syllables: [1, 4],
    order: 'subject object verb',
    adjective: 'before',
    space: '',
    comma: '、',
    stop: '。',
    capitals: false,
  },
  vie: {
    ...latin,
    onsets: ['b', 'ch', 'đ', 'gi', 'h', 'kh', 'l', 'm', 'ng', 'nh', 'ph', 't', 'th', 'tr', 'v'],
    nuclei: ['a', 'ă', 'ấ', 'ạ', 'ế', 'ệ', 'ì', 'ố', 'ộ', 'ơ', 'ủ', 'ư', 'ừ'],
    codas: ['', 'c', 'm', 'n', 'ng', 'nh', 'i'],
    syllables: [1, 1],
    order: 'subject verb object',
    adjective: 'after',
  },
}

const counts = { noun: 90, verb: 50, adjective: 45, joint: 6 } as const
type Kind = keyof typeof counts

/** A sentence's meaning: numbers of words, the same for all languages. */
interface Clause {
  readonly subject: NounPhrase
  readonly verb: number
  readonly object: NounPhrase
}
interface NounPhrase {
  readonly noun: number
  readonly adjective?: number
  /** Written in digits. */
  readonly count?: number
}
interface Sentence {
  readonly clauses: readonly Clause[]
  readonly joint: number
}

/** Parallel lines in invented languages: `lines` sentences in all, in `documents` stories with favourite words of their own. */
export function generateLanguages({
  languages,
  documents,
  lines,
  seed,
}: {
  languages: readonly NtrexLanguage[]
  documents: number
  lines: number
  seed: number
}): { lines: Record<NtrexLanguage, string[]>; documents: string[] } {
  const key = seedKey(seed, uses.languages)
  const random = draws(foldKey(key, 0))
  const sentences: Sentence[] = []
  const names: string[] = []
  for (let line = 0, topic: readonly number[] = []; line < lines; line++) {
    const document = Math.floor((line * documents) / lines)
    if (names.at(-1) !== `story.${document}`) topic = Array.from({ length: 8 }, () => random.integer(counts.noun))
    names.push(`story.${document}`)
    sentences.push(sentence(topic, random))
  }
  const texts = languages.map((language, i) => {
    const grammar = grammars[language]
    const words = lexicon(grammar, draws(foldKey(key, i + 1)))
    return [language, sentences.map((meaning) => spell(meaning, grammar, words))] as const
  })
  return { lines: Object.fromEntries(texts) as Record<NtrexLanguage, string[]>, documents: names }
}

function sentence(topic: readonly number[], random: Draws): Sentence {
  const phrase = (): NounPhrase => ({
    noun: random.uniform() < 0.6 ? topic[random.integer(topic.length)] : random.integer(counts.noun),
    ...(random.uniform() < 0.5 ? { adjective: random.integer(counts.adjective) } : {}),
    ...(random.uniform() < 0.1 ? { count: 2 + random.integer(98) } : {}),
  })
  // Common verbs are commoner, as in any language.
  const verb = () => Math.floor(counts.verb * random.uniform() ** 2)
  const clauses = Array.from({ length: 1 + random.integer(4) }, () => ({ subject: phrase(), verb: verb(), object: phrase() }))
  return { clauses, joint: random.integer(counts.joint) }
}

type Lexicon = Readonly<Record<Kind, readonly string[]>>

function lexicon({ onsets, nuclei, codas, syllables: [least, most] }: Grammar, random: Draws): Lexicon {
  const part = (list: readonly string[]) => list[random.integer(list.length)]
  const word = () =>
    Array.from({ length: least + random.integer(most - least + 1) }, () => part(onsets) + part(nuclei) + part(codas)).join('')
  const entries = Object.entries(counts).map(([kind, count]) => [kind, Array.from({ length: count }, word)])
  return Object.fromEntries(entries) as Lexicon
}

function spell({ clauses, joint }: Sentence, grammar: Grammar, words: Lexicon): string {
  const { space, comma, stop, capitals } = grammar
  const phrase = ({ noun, adjective, count }: NounPhrase) => {
    const pair = adjective === undefined ? [words.noun[noun]] : [words.adjective[adjective], words.noun[noun]]
    return [...(count === undefined ? [] : [String(count)]), ...(grammar.adjective === 'before' ? pair : pair.reverse())].join(space)
  }
  const clause = ({ subject, verb, object }: Clause) => {
    const [first, second, third] = [phrase(subject), words.verb[verb], phrase(object)]
    return (grammar.order === 'subject verb object' ? [first, second, third] : [first, third, second]).join(space)
  }
  const text = clauses.map(clause).join(`${comma}${words.joint[joint]}${space}`) + stop
  return capitals ? text[0].toUpperCase() + text.slice(1) : text
}
