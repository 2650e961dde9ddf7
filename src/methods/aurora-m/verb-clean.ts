import { join } from 'node:path'
import { z } from 'zod'
import { type Document, readDocuments } from '../../data/index.ts'
import { InputError } from '../../engine/index.ts'
import { aligned, makeFolder, writeAtomically, writeJson } from '../../experiment/index.ts'
import { verb } from '../method.ts'
import {
  charSetFraction,
  digitRatio,
  type Filter,
  maxChars,
  minChars,
  repeatedLineRatio,
  repeatedNgramRatio,
  type Script,
  scripts,
  symbolRatio,
} from './cleaning/filters.ts'
import { minhashDedup } from './cleaning/minhash.ts'
import { clean } from './cleaning/pipeline.ts'
import { linearQuality, trainQuality } from './cleaning/quality.ts'

const ratio = (value: number) => z.number().min(0).max(1).default(value)

const cleanOptions = z.object({
  texts: z.array(z.string()).min(1).describe('text or JSONL files, or folders of them; text files are cut at blank lines'),
  out: z.string().default('runs/aurora-m/clean').describe('folder for kept.jsonl and report.json'),
  field: z.string().default('text').describe('the field of JSONL lines that holds the text'),
  minChars: z.number().int().nonnegative().default(40).describe('shorter documents are left out'),
  maxChars: z.number().int().positive().default(100_000).describe('and longer ones'),
  symbolRatio: ratio(0.3).describe('the most characters that are no letters, digits or white space'),
  digitRatio: ratio(0.3).describe('the most digits'),
  repeatedLineRatio: ratio(0.3).describe('the most lines that stand there already'),
  repeatedNgramRatio: ratio(0.3).describe('the most runs of --ngram words that stand there already'),
  ngram: z.number().int().positive().max(20).default(5).describe('words of a run'),
  scripts: z.array(z.enum(scripts)).optional().describe('scripts of the language: most letters must be of them'),
  scriptFraction: ratio(0.7).describe('the least part of the letters in those scripts'),
  near: ratio(0.8).describe('estimated share of common runs of five words above which a document is a copy; 1 keeps near copies'),
  good: z.array(z.string()).optional().describe('texts of the quality that is wanted, to train a linear classifier'),
  bad: z.array(z.string()).optional().describe('and of the one that is not'),
  quality: ratio(0.5).describe('the least probability of the good kind'),
})
type CleanOptions = z.output<typeof cleanOptions>

export const cleanVerb = verb({
  name: 'clean',
  summary: { en: 'Filters web text, and says what was left out and why', zh: '过滤网页文本，并说明删去了什么、为什么' },
  options: cleanOptions,
  positional: 'texts',
  example: 'quire aurora-m clean web.jsonl --scripts Latin --out cleaned',
  async run({ options }) {
    const documents = await readDocuments(options.texts, { field: options.field, split: 'blank' })
    const filters = await filtersOf(options)
    const { kept, counts, samples } = clean(documents, ({ text }) => text, filters)
    makeFolder(options.out)
    writeAtomically(join(options.out, 'kept.jsonl'), kept.map(({ text, where }) => `${JSON.stringify({ text, source: where })}\n`).join(''))
    const shown = Object.fromEntries(
      Object.entries(samples).map(([name, list]) => [name, list.map(({ item, features }) => sampleOf(item, features))]),
    )
    const json = {
      documents: documents.length,
      kept: kept.length,
      rejected: counts,
      settings: { ...options, texts: undefined, out: undefined },
    }
    writeJson(join(options.out, 'report.json'), { ...json, samples: shown })
    const rows = Object.entries(counts).map(([name, count]) => [name, String(count), shown[name]?.[0]?.where ?? ''])
    return {
      lines: [
        `${kept.length} of ${documents.length} documents kept`,
        ...aligned([['left out by', 'documents', 'such as'], ...rows]),
        `written: ${join(options.out, 'kept.jsonl')}`,
      ],
      json,
    }
  },
})

const sampleOf = ({ text, where }: Document, features: Readonly<Record<string, number>>) => ({
  where,
  begins: text.slice(0, 200),
  features,
})

/** In the order of what they cost; duplicates last, so that a rejected document is no original. */
async function filtersOf(options: CleanOptions): Promise<Filter[]> {
  const { ngram, scripts: own, good, bad } = options
  if ((good === undefined) !== (bad === undefined))
    throw new InputError('a quality classifier needs good and bad texts', { where: '--good, --bad', fix: 'give both or none' })
  const textsOf = async (paths: readonly string[]) =>
    (await readDocuments(paths, { field: options.field, split: 'blank' })).map(({ text }) => text)
  return [
    minChars(options.minChars),
    maxChars(options.maxChars),
    symbolRatio(options.symbolRatio),
    digitRatio(options.digitRatio),
    ...(own && own.length > 0 ? [charSetFraction(own as Script[], options.scriptFraction)] : []),
    repeatedLineRatio(options.repeatedLineRatio),
    repeatedNgramRatio(ngram, options.repeatedNgramRatio),
    ...(good && bad ? [linearQuality(trainQuality(await textsOf(good), await textsOf(bad)), options.quality)] : []),
    ...(options.near < 1 ? [minhashDedup({ threshold: options.near })] : []),
  ]
}
