import type { Text } from '../experiment/text.ts'
import type { DemoName } from './api.ts'

/** A paper of the catalogue, whether it is a method yet or not. */
export interface Paper {
  readonly number: number
  /** Folder, command and subpath of its method. */
  readonly name: string
  readonly title: string
  readonly arxiv: string
  readonly area: Text
  readonly summary: Text
  /** For whom, and for which job. */
  readonly purpose: Text
  /** A paragraph or two: what the method does. */
  readonly text: Text
  readonly demo?: DemoName
}

/** All 26, by number. */
export const papers: readonly Paper[] = []
