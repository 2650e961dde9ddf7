import { type LocateOptions, loadNtrex, ntrexSplit, type Provenance } from '../../data/index.ts'
import type { NDArray } from '../../engine/index.ts'
import { type Split, splitsOf } from '../../experiment/index.ts'
import { type BaseOptions, baseConfig, baseModel, baseRecipe } from '../../kits/lm/base.ts'
import type { DecoderConfig, SizeName } from '../../kits/lm/config.ts'
import { type ContinualCorpora, type ContinualDomain, continualCorpora } from '../../kits/lm/corpora.ts'
import { toArrays } from '../../train/index.ts'
import { type Config, scaled } from './config.ts'
import { baseWeights, newLanguages, oldDomains } from './curriculum.ts'
import { type DomainBits, domainScorer } from './scores.ts'

/** What units share: the texts, and the base model with what it makes of them. */
export interface Data {
  readonly config: DecoderConfig
  readonly corpora: ContinualCorpora['domains']
  /** Parameters by their paths; each unit makes its own tensors of them, since training uses them up. */
  readonly base: Readonly<Record<string, NDArray>>
  readonly sha256: string
  /** Lines of each language's test part: the same sentences in all. */
  readonly sentences: number
  /** Of the base model, on the whole test parts. Computed when it is first asked for. */
  baseBits(): Promise<DomainBits>
}

/** Domains that are measured. */
export const measuredDomains = [...oldDomains, ...newLanguages] as const satisfies readonly ContinualDomain[]

/** How many windows of each test part are scored at the ends. */
export const testWindows = ({ testWindows }: Config): number => (testWindows > 0 ? testWindows : Number.POSITIVE_INFINITY)

/** A part of the corpora by domain. */
export const textsOf = <Name extends ContinualDomain>(
  corpora: Data['corpora'],
  part: 'train' | 'test',
  names: readonly Name[],
): Record<Name, Uint8Array> => Object.fromEntries(names.map((name) => [name, corpora[name][part]])) as Record<Name, Uint8Array>

export interface Loaded {
  readonly provenance: Provenance
  readonly value: Data
  readonly splits: readonly Split[]
}

/** Reads the corpora, and trains the base model where the cache does not have it. */
export async function load(config: Config, options: LocateOptions, training: Pick<BaseOptions, 'log' | 'progress'>): Promise<Loaded> {
  const { domains, provenance } = await continualCorpora(options)
  const recipe = baseRecipe({
    size: config.size as SizeName,
    learningRate: config.learningRate.base,
    stages: [{ steps: scaled(config, 'base'), batch: config.batch, context: config.context }],
    weights: baseWeights,
  })
  const { params, sha256 } = await baseModel(recipe, domains, training)
  const base = await toArrays(params)
  const decoder = baseConfig(recipe)
  let bits: Promise<DomainBits> | undefined
  const baseBits = () => (bits ??= domainScorer(decoder, config)(params, textsOf(domains, 'test', measuredDomains), testWindows(config)))
  const { splits, sentences } = await newsSplits(options)
  return { provenance: together(provenance), value: { config: decoder, corpora: domains, base, sha256, sentences, baseBits }, splits }
}

/** News by document, code by task. */
async function newsSplits(options: LocateOptions): Promise<{ splits: Split[]; sentences: number }> {
  const news = await loadNtrex(options)
  const rows = ntrexSplit(news)
  const documents = (part: readonly number[]) => ({ ids: part.map((row) => news.documents[row]) })
  const parts = { train: documents(rows.train), validation: documents(rows.validation), test: documents(rows.test) }
  return { splits: splitsOf(news.provenance.name, 'document', parts), sentences: rows.test.length }
}

/** Several data sets as one line; real only if all are. */
const together = (all: readonly Provenance[]): Provenance => ({
  name: all.map(({ name }) => name).join(' + '),
  real: all.every(({ real }) => real),
  source: all.map(({ source }) => source).join('; '),
  sha256: all.map(({ sha256 }) => sha256).join('+'),
})
