import { decodeText, sha256 } from '../files.ts'
import { type LocateOptions, locate } from '../locate.ts'
import type { Provenance, Source } from '../sources.ts'
import { groupSplit } from '../split.ts'
import { generateIntents } from './generated-programs.ts'

const repository = 'https://raw.githubusercontent.com/shilliscmu/TranxConalaBaseline/5520285387d946e826f4cc5a4a0a1bf7361355e5'

/**
 * CoNaLa, the curated part: what people on Stack Overflow wanted, and Python that does it.
 *
 * @example
 * conalaSource.files.length // 2
 */
export const conalaSource: Source = {
  name: 'conala',
  folder: 'conala',
  real: true,
  licence: 'MIT; the text is from Stack Overflow, CC BY-SA 3.0, credited by question_id (P. Yin et al., 2018)',
  files: [
    {
      names: ['conala-train.json'],
      urls: [`${repository}/conala-train.json`],
      bytes: 588_310,
      sha256: '9e5947fc884b34887cb509c0b14014a22ed98e945652b919afe245d0d75dbbcb',
    },
    {
      names: ['conala-test.json'],
      urls: [`${repository}/conala-test.json`],
      bytes: 124_086,
      sha256: 'b3f96344efa3bb819e2fe66cfd68be289ca4e4d37f5af19c32cf4ae211e8077e',
    },
  ],
}

export interface Intent {
  /** The rewritten intent, which names the variables; the question's own words where there is none. */
  readonly intent: string
  readonly snippet: string
  /** Its number on Stack Overflow; several records may share one. */
  readonly question: number
}

export interface Conala {
  readonly train: readonly Intent[]
  readonly test: readonly Intent[]
  readonly provenance: Provenance
}

interface Row {
  intent: string
  rewritten_intent: string | null
  snippet: string
  question_id: number
}

/**
 * CoNaLa's 2,378 training and 500 test records, found as `loadMnist` finds its files; where they are not to be had, as many are generated
 * (`real: false`).
 *
 * @throws InputError for a `data` that holds none, or a wrong checksum.
 * @example
 * const { train, test } = await loadConala()
 */
export async function loadConala(options: LocateOptions = {}): Promise<Conala> {
  const found = await locate(conalaSource, options)
  if (!found) return generated(options.log)
  const [train, test] = found.contents.map((content) =>
    (JSON.parse(decodeText(content, found.provenance.source)) as Row[]).map((row) => ({
      intent: row.rewritten_intent ?? row.intent,
      snippet: row.snippet,
      question: row.question_id,
    })),
  )
  return { train, test, provenance: found.provenance }
}

function generated(log: LocateOptions['log']): Conala {
  log?.(`${conalaSource.name}: not available; intents are generated instead (real: false)`)
  const all = generateIntents({ count: 2878, seed: 0 })
  const sum = sha256(new TextEncoder().encode(JSON.stringify(all)))
  const provenance = {
    name: `generated-${conalaSource.name}`,
    real: false,
    source: 'generateIntents({ count: 2878, seed: 0 })',
    sha256: sum,
  }
  return { train: all.slice(0, 2378), test: all.slice(2378), provenance }
}

/**
 * Only records whose snippet is one line: of the real ones 2,294 for training and 478 to test on.
 * @example
 * const { train } = oneLiners(await loadConala())
 */
export const oneLiners = ({ train, test, provenance }: Conala): Conala => ({
  train: train.filter(isOneLine),
  test: test.filter(isOneLine),
  provenance,
})

const isOneLine = ({ snippet }: Intent): boolean => !snippet.includes('\n')

/**
 * Holds about `share` of the records back to validate on, whole questions at a time.
 * @example
 * const { train } = await loadConala()
 * const parts = conalaValidation(train, { share: 0.1, seed: 0 })
 */
export function conalaValidation(
  records: readonly Intent[],
  { share, seed }: { share: number; seed: number },
): { train: Intent[]; validation: Intent[] } {
  const questions = records.map(({ question }) => question)
  const parts = groupSplit(questions, { shares: { train: 1 - share, validation: share }, seed, where: conalaSource.name })
  return { train: parts.train.map((i) => records[i]), validation: parts.validation.map((i) => records[i]) }
}
