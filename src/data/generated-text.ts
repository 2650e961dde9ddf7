import { InputError } from '../engine/errors.ts'
import { type Draws, draws, seedKey, uses } from './draws.ts'

/* A stand-in for a play: speakers, blank lines, sentences from a small grammar. Letters, words and syntax can be learned; meaning there is none. */

const words = {
  speaker: ['FIRST CITIZEN', 'KING HENRY', 'JULIET', 'GLOUCESTER', 'NURSE', 'DUKE', 'HERMIONE', 'SERVANT'],
  article: ['the', 'a', 'my', 'thy', 'this', 'that', 'our', 'no'],
  adjective: ['gentle', 'bloody', 'noble', 'weary', 'sweet', 'false', 'ancient', 'idle', 'royal', 'bitter', 'quiet', 'proud'],
  noun: [
    'crown',
    'lord',
    'brother',
    'grave',
    'tongue',
    'sword',
    'morning',
    'heart',
    'queen',
    'heaven',
    'garden',
    'tear',
    'soldier',
    'word',
  ],
  verb: ['holds', 'breaks', 'follows', 'fears', 'hath', 'loves', 'forgets', 'commands', 'betrays', 'becomes', 'awaits'],
  adverb: ['never', 'gladly', 'too soon', 'in truth', 'by night', 'once more', 'softly'],
  opening: ['O', 'Come', 'Nay', 'Good sir', 'Alas', 'What', 'Hark'],
  joint: ['and', 'but', 'for', 'yet', 'when', 'till'],
} as const

/**
 * A text of exactly `length` characters, a pure function of (length, seed), ASCII only.
 * @example
 * generateText({ length: 80, seed: 0 })
 */
export function generateText({ length, seed }: { length: number; seed: number }): string {
  if (!Number.isInteger(length) || length < 1) throw new InputError(`a text of ${length} characters cannot be generated`)
  const random = draws(seedKey(seed, uses.text))
  const parts: string[] = []
  for (let size = 0; size < length; ) {
    const speech = `${pick('speaker', random)}:\n${Array.from({ length: 1 + random.integer(5) }, () => sentence(random)).join('\n')}\n\n`
    parts.push(speech)
    size += speech.length
  }
  return parts.join('').slice(0, length)
}

const pick = (kind: keyof typeof words, random: Draws): string => words[kind][random.integer(words[kind].length)]

function nounPhrase(random: Draws): string {
  return [pick('article', random), ...(random.uniform() < 0.6 ? [pick('adjective', random)] : []), pick('noun', random)].join(' ')
}

function clause(random: Draws): string {
  const adverb = random.uniform() < 0.35 ? ` ${pick('adverb', random)}` : ''
  return `${nounPhrase(random)}${adverb} ${pick('verb', random)} ${nounPhrase(random)}`
}

function sentence(random: Draws): string {
  const opening = random.uniform() < 0.3 ? `${pick('opening', random)}, ` : ''
  const rest = random.uniform() < 0.5 ? `, ${pick('joint', random)} ${clause(random)}` : ''
  const text = `${opening}${clause(random)}${rest}${'.!?;'[random.integer(4)]}`
  return text[0].toUpperCase() + text.slice(1)
}
