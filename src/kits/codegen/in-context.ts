import { InputError } from '../../engine/index.ts'
import { bm25 } from './retrieval.ts'

/** What is asked and what is answered. */
export interface Shot {
  readonly prompt: string
  readonly completion: string
}

/** Chooses so many examples for a question; `attempt` counts how often it was asked before for the same one. */
export type ShotChooser<S extends Shot = Shot> = (question: string, count: number, attempt: number) => readonly S[]

/**
 * Examples at random, others at each attempt; none twice for one question.
 *
 * @param random whole numbers from 0 to below its argument.
 * @example
 * const pool = [{ prompt: 'one', completion: 'x = 1' }, { prompt: 'two', completion: 'x = 2' }]
 * randomShots(pool, () => 0)('three', 2, 0).map(({ prompt }) => prompt) // ['one', 'two']
 */
export function randomShots<S extends Shot>(pool: readonly S[], random: (below: number) => number): ShotChooser<S> {
  needExamples(pool)
  return (_, count) => {
    const chosen = new Map<number, number>()
    const size = Math.min(count, pool.length)
    // Fisher and Yates, of which only the exchanges are kept.
    return Array.from({ length: size }, (_, i) => {
      const j = i + random(pool.length - i)
      const [own, other] = [chosen.get(i) ?? i, chosen.get(j) ?? j]
      chosen.set(j, own)
      return pool[other]
    })
  }
}

/**
 * The examples whose questions are the most like it by BM25, the best last: beside the question. Further attempts go down the ranking.
 *
 * @example
 * const pool = [{ prompt: 'sort a list', completion: 'x.sort()' }, { prompt: 'open a file', completion: 'open(f)' }]
 * nearestShots(pool)('how do I sort?', 1, 0).map(({ prompt }) => prompt) // ['sort a list']
 */
export function nearestShots<S extends Shot>(pool: readonly S[]): ShotChooser<S> {
  needExamples(pool)
  const index = bm25(pool.map(({ prompt }) => prompt))
  // Asked again and again for one question until its examples fit.
  let last: { question: string; ranking: readonly number[] } | undefined
  return (question, count, attempt) => {
    if (last?.question !== question) last = { question, ranking: index.best(question, pool.length) }
    const end = Math.min(pool.length, count + attempt)
    return last.ranking
      .slice(Math.max(0, end - count), end)
      .map((i) => pool[i])
      .reverse()
  }
}

function needExamples(pool: readonly Shot[]): void {
  if (pool.length === 0) throw new InputError('there are no examples to choose from')
}

export interface InContextOptions<S extends Shot> {
  readonly choose: ShotChooser<S>
  /** How many examples are wanted. */
  readonly k: number
  /** Whether a text leaves room for what comes after it: the question and its answer. */
  fits(before: string): boolean
  /** Default: the study's. */
  readonly header?: string
  /** How a question is put; the answer follows it. Default: `### Instruction:` and `### Response:`. */
  readonly format?: (prompt: string) => string
  /** How often examples are chosen anew before one fewer is taken (default: 50). */
  readonly tries?: number
}

const studyHeader = 'Generate Python code given a natural language instruction.'
const studyFormat = (prompt: string): string => `### Instruction:\n${prompt}\n### Response:\n`

/**
 * What stands before a question that is asked with examples: a header, and each example with its answer. Examples that do not fit are chosen anew, and
 * after so many tries there is one fewer of them.
 *
 * @example
 * const pool = [{ prompt: 'one', completion: 'x = 1' }]
 * const { before } = inContext('two', { choose: nearestShots(pool), k: 1, fits: (text) => text.length < 200 })
 * before.endsWith('### Instruction:\none\n### Response:\nx = 1\n') // true
 */
export function inContext<S extends Shot>(
  question: string,
  { choose, k, fits, header = studyHeader, format = studyFormat, tries = 50 }: InContextOptions<S>,
): { before: string; shots: readonly S[] } {
  for (let count = k; count > 0; count--)
    for (let attempt = 0; attempt < tries; attempt++) {
      const shots = choose(question, count, attempt)
      const before = `${header}\n${shots.map(({ prompt, completion }) => `${format(prompt)}${completion}\n`).join('')}`
      if (fits(before)) return { before, shots }
    }
  return { before: `${header}\n`, shots: [] }
}
