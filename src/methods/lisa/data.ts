import { conalaValidation, type Intent, type LocateOptions, loadConala, loadNtrex, ntrexSplit, type Provenance } from '../../data/index.ts'
import type { NDArray } from '../../engine/index.ts'
import { type Split, splitsOf } from '../../experiment/index.ts'
import { type BaseOptions, baseConfig, baseModel, baseRecipe } from '../../kits/lm/base.ts'
import type { DecoderConfig } from '../../kits/lm/config.ts'
import { type ByteCorpus, continualCorpora } from '../../kits/lm/corpora.ts'
import { toArrays } from '../../train/index.ts'
import type { Config, Shift } from './config.ts'

/** What units share: the texts to be tuned to, those that must not be forgotten, and the base model. */
export interface Data {
  readonly config: DecoderConfig
  readonly texts: Readonly<Record<Shift, ByteCorpus>>
  /** Test parts of what the base was trained on. */
  readonly source: Readonly<Record<'eng' | 'code', Uint8Array>>
  /** Parameters by their paths. */
  readonly base: Readonly<Record<string, NDArray>>
}

export interface Loaded {
  readonly provenance: Provenance
  readonly value: Data
  readonly splits: readonly Split[]
}

/** Reads the corpora, and trains the base model where the cache does not have it. One base, of seed 0, serves all seeds of a run. */
export async function load(config: Config, options: LocateOptions, training: Pick<BaseOptions, 'log' | 'progress'>): Promise<Loaded> {
  const { domains, provenance } = await continualCorpora(options)
  const recipe = baseRecipe({
    size: config.size,
    learningRate: config.learningRate.base,
    stages: [{ steps: config.steps.base, batch: config.batch, context: config.context }],
  })
  const { params } = await baseModel(recipe, domains, training)
  const near = await nearText(options)
  return {
    provenance: together([...provenance, near.provenance]),
    value: {
      config: baseConfig(recipe),
      texts: { far: domains.vie, near: near.text },
      source: { eng: domains.eng.test, code: domains.code.test },
      base: await toArrays(params),
    },
    splits: [...(await newsSplits(options)), ...near.splits],
  }
}

/** Intents and their Python as instructions and responses, a document each. */
async function nearText(options: LocateOptions): Promise<{ text: ByteCorpus; splits: Split[]; provenance: Provenance }> {
  const conala = await loadConala(options)
  const held = conalaValidation(conala.train, { share: 0.1, seed: 0 })
  const parts = { train: held.train, validation: held.validation, test: conala.test }
  const ids = Object.fromEntries(Object.entries(parts).map(([name, records]) => [name, { ids: records.map(({ question }) => question) }]))
  return {
    text: { train: asText(parts.train), validation: asText(parts.validation), test: asText(parts.test) },
    splits: splitsOf(conala.provenance.name, 'question', ids),
    provenance: conala.provenance,
  }
}

const asText = (records: readonly Intent[]): Uint8Array =>
  new TextEncoder().encode(records.map(({ intent, snippet }) => `### Instruction:\n${intent}\n### Response:\n${snippet}\n`).join(''))

async function newsSplits(options: LocateOptions): Promise<Split[]> {
  const news = await loadNtrex(options)
  const rows = ntrexSplit(news)
  const documents = (part: readonly number[]) => ({ ids: part.map((row) => news.documents[row]) })
  const parts = { train: documents(rows.train), validation: documents(rows.validation), test: documents(rows.test) }
  return splitsOf(news.provenance.name, 'document', parts)
}

/** Several data sets as one line; real only if all are. */
const together = (all: readonly Provenance[]): Provenance => ({
  name: all.map(({ name }) => name).join(' + '),
  real: all.every(({ real }) => real),
  source: all.map(({ source }) => source).join('; '),
  sha256: all.map(({ sha256 }) => sha256).join('+'),
})
