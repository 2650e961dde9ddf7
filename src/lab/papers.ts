import { joined, type Text } from '../experiment/text.ts'
import { methods } from '../methods/index.ts'
import type { DemoName } from './api.ts'
import { areaOf } from './papers/areas.ts'
import { entriesTo13 } from './papers/entries-01-13.ts'
import { entriesFrom14 } from './papers/entries-14-26.ts'
import type { Entry } from './papers/entry.ts'

/** A paper of the catalogue, whether it is a method yet or not. */
export interface Paper {
  readonly number: number
  /** Folder, command and subpath of its method. */
  readonly name: string
  readonly title: string
  /** Such as `2403.14398`. */
  readonly arxiv: string
  readonly area: Text
  /** One sentence. */
  readonly summary: Text
  /** For whom, and for which job. */
  readonly purpose: Text
  /** A paragraph or two, with an empty line between them: what the method does. */
  readonly text: Text
  readonly demo?: DemoName
}

/** All 26, by number. What a method’s card says comes from the card. */
export const papers: readonly Paper[] = [...entriesTo13, ...entriesFrom14].map(paperOf).sort((a, b) => a.number - b.number)

function paperOf(entry: Entry): Paper {
  const card = methods.find(({ name }) => name === entry.name) ?? entry.card
  if (!card) throw new Error(`${entry.name} is no method, and its entry in the catalogue has no card`)
  const { number, title, arxiv, area, summary } = card
  const { name, purpose, text, demo } = entry
  return { number, name, title, arxiv, area: areaOf(area), summary, purpose, text: joined(text, '\n\n'), ...(demo && { demo }) }
}
