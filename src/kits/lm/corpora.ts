import {
  type HumanEvalTask,
  type LocateOptions,
  loadHumanEval,
  loadMbpp,
  loadNtrex,
  loadText,
  type MbppTask,
  ntrexLanguages,
  ntrexSplit,
  type Provenance,
} from '../../data/index.ts'

/**
 * News in five languages, Python, and plays: what the experiments on small language models train and test on.
 *
 * @example
 * continualDomains.length // 7
 */
export const continualDomains = [...ntrexLanguages, 'code', 'shakespeare'] as const
export type ContinualDomain = (typeof continualDomains)[number]

/** A domain as byte streams: each document ends with a newline, nothing marks its begin. */
export interface ByteCorpus {
  readonly train: Uint8Array
  readonly validation: Uint8Array
  readonly test: Uint8Array
}

export interface ContinualCorpora {
  readonly domains: Readonly<Record<ContinualDomain, ByteCorpus>>
  /** Of NTREX, MBPP, HumanEval and Tiny Shakespeare, in this order. */
  readonly provenance: readonly Provenance[]
}

/**
 * The corpora of the experiments on continual training. News are split by document, so that no story is on two sides, in any language. Code is MBPP,
 * tasks 11 to 110 to test on and all others for training, and HumanEval for training; it has no validation part, since nothing is selected on it.
 * Shakespeare is split by position: 90, 5 and 5 %.
 *
 * Each corpus that is not to be had is generated (`real: false` in its provenance).
 *
 * @throws InputError for a `data` that lacks one of them, or a wrong checksum.
 * @example
 * const { domains } = await continualCorpora()
 * const bytes = domains.fin.train.length
 */
export async function continualCorpora(options: LocateOptions = {}): Promise<ContinualCorpora> {
  const news = await loadNtrex(options)
  const rows = ntrexSplit(news)
  const mbpp = await loadMbpp(options)
  const humanEval = await loadHumanEval(options)
  const plays = await loadText(options)
  const language = (lines: readonly string[]): ByteCorpus => ({
    train: joined(rows.train.map((row) => lines[row])),
    validation: joined(rows.validation.map((row) => lines[row])),
    test: joined(rows.test.map((row) => lines[row])),
  })
  const isTest = ({ id }: MbppTask) => id >= 11 && id <= 110
  const code: ByteCorpus = {
    train: bytes([...mbpp.tasks.filter((task) => !isTest(task)).map(asProgram), ...humanEval.tasks.map(asCompletion)].join('')),
    validation: new Uint8Array(0),
    test: bytes(mbpp.tasks.filter(isTest).map(asProgram).join('')),
  }
  const languages = Object.fromEntries(ntrexLanguages.map((name) => [name, language(news.lines[name])]))
  return {
    domains: { ...languages, code, shakespeare: byPosition(bytes(plays.decode(plays.tokens.data))) } as Record<ContinualDomain, ByteCorpus>,
    provenance: [news.provenance, mbpp.provenance, humanEval.provenance, plays.provenance],
  }
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const joined = (documents: readonly string[]): Uint8Array => bytes(documents.map((document) => `${document}\n`).join(''))

const asProgram = ({ text, code, tests }: MbppTask): string => `# ${text}\n${code}\n${tests.join('\n')}\n\n`

const asCompletion = ({ prompt, solution }: HumanEvalTask): string => `${prompt}${solution}\n\n`

function byPosition(stream: Uint8Array): ByteCorpus {
  const [first, second] = [0.9, 0.95].map((share) => Math.floor(stream.length * share))
  return { train: stream.subarray(0, first), validation: stream.subarray(first, second), test: stream.subarray(second) }
}
