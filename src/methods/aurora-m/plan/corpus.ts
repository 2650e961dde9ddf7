import { sha256 } from '../../../data/files.ts'
import { type Document, readDocuments, readJsonLines } from '../../../data/index.ts'
import { InputError } from '../../../engine/index.ts'
import { documentStream } from '../../../kits/lm/document-stream.ts'
import type { TokenStream } from '../../../kits/lm/mixture.ts'
import type { Tokenizer } from '../../../kits/lm/tokenizers/tokenizer.ts'
import { analyseFertility, type Fertility, manyPieces } from '../fertility.ts'
import type { Example } from '../safety/instructions.ts'
import { wrapped } from '../safety/policy.ts'
import { listOf, type Plan, type PlanSource } from './schema.ts'

/** A domain to train on: a stream of tokens, or instructions with responses. */
export interface TrainingDomain {
  readonly stream: TokenStream
  readonly examples?: readonly Example[]
}

export interface PlanCorpora {
  readonly train: Readonly<Record<string, TrainingDomain>>
  /** Token streams to measure on. */
  readonly eval: Readonly<Record<string, Int32Array>>
  readonly fertility: Readonly<Record<string, Fertility>>
  /** Of everything that is trained on. */
  readonly sha256: string
}

/**
 * Reads all texts of a plan.
 *
 * @throws InputError for what cannot be read, a domain with less than a batch or, to measure on, less than a window, two sources under one
 * name, or documents both trained on and measured on.
 */
export async function readCorpora(plan: Plan, tokenizer: Tokenizer, warn: (line: string) => void): Promise<PlanCorpora> {
  const sources = sourcesOf(plan)
  const train: Record<string, TrainingDomain> = {}
  const texts: Record<string, string> = {}
  const seen = new Map<string, Document & { readonly domain: string }>()
  const hashes: string[] = []
  for (const [domain, source] of sources) {
    const documents = source.completionOnly
      ? await instructionDocuments(source)
      : await readDocuments(listOf(source.path), { field: source.field, split: 'blank' })
    for (const document of documents) {
      const hash = hashOf(document.text)
      hashes.push(hash)
      seen.set(hash, { ...document, domain })
    }
    train[domain] = source.completionOnly
      ? { ...examplesOf(documents, tokenizer, plan.sequenceLength, `mixture ${domain}`, warn) }
      : {
          stream: documentStream(
            tokenizer,
            documents.map(({ text }) => text),
          ),
        }
    requireBatch(domain, train[domain], plan)
    texts[domain] = documents.map(({ text }) => text).join('\n')
  }
  const held: Record<string, Int32Array> = {}
  const overlaps: string[] = []
  for (const [domain, paths] of Object.entries(plan.eval.domains)) {
    const documents = await readDocuments(listOf(paths), { split: 'blank' })
    for (const { text, where } of documents) {
      const twin = seen.get(hashOf(text))
      if (twin) overlaps.push(`${where} is ${twin.where}`)
    }
    const text = documents.map((document) => document.text).join('\n')
    held[domain] = Int32Array.from(tokenizer.encode(text))
    requireWindow(domain, held[domain], plan)
    texts[domain] ??= text
  }
  if (overlaps.length > 0)
    throw new InputError(
      `${overlaps.length} of the documents to measure on are trained on: ${overlaps.slice(0, 3).join('; ')}${overlaps.length > 3 ? ' …' : ''}`,
      {
        where: 'eval.domains',
        fix: 'take them out of one of the two',
      },
    )
  const fertility = analyseFertility(tokenizer, texts)
  for (const [domain, { pieces, tokensPerCharacter }] of Object.entries(fertility))
    if (pieces > manyPieces)
      warn(
        `${domain}: ${(100 * pieces).toFixed(0)} % of the bytes are spelled by pieces of characters, ${tokensPerCharacter.toFixed(2)} tokens a character`,
      )
  return { train, eval: held, fertility, sha256: sha256(new TextEncoder().encode(hashes.join(''))) }
}

const hashOf = (text: string): string => sha256(new TextEncoder().encode(text.trim()))

/** A domain of one name is one source in all stages, whatever its weights. */
function sourcesOf({ stages }: Plan): Map<string, PlanSource> {
  const sources = new Map<string, PlanSource>()
  for (const { name, mixture } of stages)
    for (const [domain, source] of Object.entries(mixture)) {
      const known = sources.get(domain)
      if (known && JSON.stringify([known.path, known.completionOnly]) !== JSON.stringify([source.path, source.completionOnly]))
        throw new InputError(`'${domain}' is another source than in the stage before`, {
          where: `stages: ${name}`,
          fix: 'give it another name',
        })
      sources.set(domain, source)
    }
  return sources
}

const separator = '\u0000'

/** Instructions as documents: question and response in one text. */
async function instructionDocuments({ path }: PlanSource): Promise<Document[]> {
  const rows = (await Promise.all(listOf(path).map(readJsonLines))).flat()
  if (rows.length === 0) throw new InputError('there are no instructions', { where: listOf(path).join(', ') })
  return rows.map(({ value, where }) => {
    const { instruction, input, response } = value
    if (typeof instruction !== 'string' || typeof response !== 'string')
      throw new InputError(
        `an instruction needs the texts 'instruction' and 'response'; the fields are ${Object.keys(value).join(', ') || 'none'}`,
        { where },
      )
    const question = typeof input === 'string' && input !== '' ? `${instruction}\n${input}` : instruction
    return { text: `${question}${separator}${response}`.replaceAll('\r', ''), where }
  })
}

/** Instructions in the format of the red-teamed model, which begin as prompts do. Those that do not fit into a window are left out, and said. */
function examplesOf(documents: readonly Document[], tokenizer: Tokenizer, length: number, where: string, warn: (line: string) => void) {
  const all = documents.map(({ text }): Example => {
    const [question, response] = text.split(separator)
    const prompt = tokenizer.encode(wrapped(question), { special: true })
    const end = tokenizer.end === undefined ? [] : [tokenizer.end]
    return { ids: Int32Array.from([...prompt, ...tokenizer.encode(response), ...end]), response: prompt.length }
  })
  const examples = all.filter(({ ids }) => ids.length - 1 <= length)
  if (examples.length === 0)
    throw new InputError(`no instruction fits into ${length} tokens`, { where, fix: 'give a longer sequenceLength' })
  if (examples.length < all.length)
    warn(`${where}: ${all.length - examples.length} of ${all.length} instructions are longer than ${length} tokens and left out`)
  return { examples, stream: Int32Array.from(examples.flatMap(({ ids }) => [...ids])) }
}

function requireBatch(domain: string, { stream }: TrainingDomain, { batch, sequenceLength }: Plan): void {
  const needed = batch * sequenceLength + 1
  if (stream.length < needed)
    throw new InputError(`'${domain}' has ${stream.length} tokens, less than one batch of ${needed}`, {
      where: 'mixture',
      fix: 'give more text, or a smaller batch or sequenceLength',
    })
}

function requireWindow(domain: string, { length }: Int32Array, { sequenceLength, eval: { domains } }: Plan): void {
  if (length <= sequenceLength)
    throw new InputError(`'${domain}' has ${length} tokens to measure on, less than a window of ${sequenceLength} and the token after it`, {
      where: `eval.domains: ${listOf(domains[domain]).join(', ')}`,
      fix: 'give more text, or a smaller sequenceLength',
    })
}
