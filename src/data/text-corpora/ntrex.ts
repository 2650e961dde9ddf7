import { sha256 } from '../files.ts'
import { type LocateOptions, locate } from '../locate.ts'
import type { Provenance, Source, SourceFile } from '../sources.ts'
import { generateLanguages } from './generated-languages.ts'
import { linesOf } from './lines.ts'

/**
 * English, Finnish, Hindi, Japanese, Vietnamese, by their ISO 639-3 codes.
 *
 * @example
 * ntrexLanguages.length // 5
 */
export const ntrexLanguages = ['eng', 'fin', 'hin', 'jpn', 'vie'] as const
export type NtrexLanguage = (typeof ntrexLanguages)[number]

const repository = 'https://raw.githubusercontent.com/MicrosoftTranslator/NTREX/8561f6a622db9edad1217683e5c83daefd8bb2bf'

const textFile = (language: NtrexLanguage, bytes: number, sha256: string): SourceFile => {
  const original = `newstest2019-${language === 'eng' ? 'src' : 'ref'}.${language}.txt`
  return { names: [`${language}.txt`, original], urls: [`${repository}/NTREX-128/${original}`], bytes, sha256 }
}

/**
 * Five languages of NTREX-128: 1,997 lines of news, line i the same sentence in each.
 *
 * @example
 * ntrexSource.files.length // 6
 */
export const ntrexSource: Source = {
  name: 'ntrex-128-5lang',
  folder: 'ntrex-128-5lang',
  real: true,
  licence: 'CC BY-SA 4.0 (C. Federmann, T. Kocmi, Y. Xin, 2022; English source: WMT 2019 news test)',
  files: [
    textFile('eng', 251_739, '389e8f5796c66db4f646dfad33e1ec622d74767af5ef112b42a1f2cd814df3cc'),
    textFile('fin', 286_255, '81582e84f53af18841fa9e36c22e9b47178aab5014ee063aa755594674e05195'),
    textFile('hin', 674_699, '10d612b3960dc1f90d297aff7e3c6d39e6eb7221b912cef0c053d9f510e41bbc'),
    textFile('jpn', 328_104, '4debd275d04414b71c95bad5f68e7275174e32a4ed33ece1b9a43a227aea2fca'),
    textFile('vie', 359_879, 'dd5d16cf246da57f5ccb7490ae13b8df428e7cb53e17fa04552406d657abfe3c'),
    {
      names: ['DOCUMENT_IDS.tsv'],
      urls: [`${repository}/DOCUMENT_IDS.tsv`],
      bytes: 30_754,
      sha256: '88a8b0ff1eae47e83f60dcde01075b8c87d75ced59ca09e0af1eb539958e05d5',
    },
  ],
}

export interface ParallelText {
  /** The lines of each language; line i says the same in all. */
  readonly lines: Readonly<Record<NtrexLanguage, readonly string[]>>
  /** The news story that each line is of. */
  readonly documents: readonly string[]
  readonly provenance: Provenance
}

/**
 * NTREX-128 in five languages, found as `loadMnist` finds its files; where it is not to be had, five invented languages with scripts of their own say
 * the same things line by line (`real: false`).
 *
 * @throws InputError for a `data` that holds none, or a wrong checksum.
 * @example
 * const { lines, documents } = await loadNtrex()
 * lines.eng.length === lines.hin.length // true
 */
export async function loadNtrex(options: LocateOptions = {}): Promise<ParallelText> {
  const found = await locate(ntrexSource, options)
  if (!found) return generated(options.log)
  const texts = found.contents.map((content, i) => linesOf(content, `${found.provenance.source}: ${ntrexSource.files[i].names[0]}`))
  const lines = Object.fromEntries(ntrexLanguages.map((language, i) => [language, texts[i]])) as Record<NtrexLanguage, string[]>
  return { lines, documents: texts[ntrexLanguages.length], provenance: found.provenance }
}

function generated(log: LocateOptions['log']): ParallelText {
  log?.(`${ntrexSource.name}: not available; texts in five invented languages are generated instead (real: false)`)
  const { lines, documents } = generateLanguages({ languages: ntrexLanguages, documents: 123, lines: 1997, seed: 0 })
  const sum = sha256(new TextEncoder().encode(JSON.stringify([lines, documents])))
  const source = 'generateLanguages({ documents: 123, lines: 1997, seed: 0 })'
  return { lines, documents, provenance: { name: `generated-${ntrexSource.name}`, real: false, source, sha256: sum } }
}

/**
 * Line numbers of the usual split: documents 1 to 98 in order of appearance for training, 99 to 110 for validation, 111 to 123 for testing. By
 * document, and for all languages at once, since neighbouring lines are of one story.
 * @example
 * const { test } = ntrexSplit(await loadNtrex()) // 198 line numbers
 */
export function ntrexSplit({ documents }: Pick<ParallelText, 'documents'>): Record<'train' | 'validation' | 'test', number[]> {
  const order = new Map([...new Set(documents)].map((name, place) => [name, place]))
  const parts = { train: [] as number[], validation: [] as number[], test: [] as number[] }
  for (const [line, name] of documents.entries()) {
    const place = order.get(name)!
    parts[place < 98 ? 'train' : place < 110 ? 'validation' : 'test'].push(line)
  }
  return parts
}
