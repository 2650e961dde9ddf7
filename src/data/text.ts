import { type NDArray, ndarray } from '../engine/array.ts'
import { InputError } from '../engine/errors.ts'
import { foldKey } from '../engine/threefry.ts'
import { draws, seedKey, uses } from './draws.ts'
import { decodeText, kindOf, readContent, sha256 } from './files.ts'
import { generateText } from './generated-text.ts'
import { type LocateOptions, locate } from './locate.ts'
import { type Provenance, tinyShakespeareSource } from './sources.ts'

/** A text as numbers, one a character. */
export interface CharText {
  /** The distinct characters (code points), sorted. */
  readonly vocabulary: readonly string[]
  /** int32 [characters]: indices into the vocabulary. */
  readonly tokens: NDArray
  /** Numbers of another text. @throws InputError at a character that is not in the vocabulary. */
  encode(text: string): Int32Array
  decode(tokens: ArrayLike<number>): string
}

/**
 * Numbers the characters of a text. @throws InputError if it is empty.
 * @example
 * const { tokens, decode } = charText('to be or not to be')
 */
export function charText(text: string): CharText {
  const vocabulary = [...new Set(text)].sort()
  if (vocabulary.length === 0) throw new InputError('the text is empty')
  const index = new Map(vocabulary.map((character, i) => [character, i]))
  const encode = (other: string) => {
    return Int32Array.from(other, (character) => {
      const found = index.get(character)
      if (found === undefined)
        throw new InputError(`the character ${JSON.stringify(character)} is not in the vocabulary of ${vocabulary.length}`)
      return found
    })
  }
  const data = encode(text)
  return {
    vocabulary,
    tokens: ndarray(data, [data.length], 'int32'),
    encode,
    decode: (tokens) => Array.from(tokens, (token) => vocabulary[token]).join(''),
  }
}

/**
 * Tiny Shakespeare as characters, found as `loadMnist` finds its files and generated (`real: false`) where it is not to be had; or the user's own UTF-8
 * text, where `data` is another file. The usual split is the first 90 % for training: `splitText(tokens, 0.9)`.
 *
 * @throws InputError for a file that is empty or not UTF-8, or a wrong checksum.
 * @example
 * import { writeFileSync } from 'node:fs'
 *
 * writeFileSync('diary.txt', 'It rained.')
 * const { vocabulary } = await loadText({ data: 'diary.txt' }) // without `data`: Tiny Shakespeare
 * vocabulary.join('') // ' .Iadeinrt'
 */
export async function loadText(options: LocateOptions = {}): Promise<CharText & { provenance: Provenance }> {
  const { text, provenance } = await findText(options)
  if (text.length === 0) throw new InputError('the file is empty', { where: provenance.source })
  return { ...charText(text), provenance }
}

async function findText(options: LocateOptions): Promise<{ text: string; provenance: Provenance }> {
  const { name } = tinyShakespeareSource
  if (options.data !== undefined && (await kindOf(options.data)) === 'file') {
    const content = await readContent(options.data)
    const sum = sha256(content)
    const known = tinyShakespeareSource.files[0].sha256 === sum
    return {
      text: decodeText(content, options.data),
      provenance: { name: known ? name : 'own text', real: true, source: options.data, sha256: sum },
    }
  }
  const found = await locate(tinyShakespeareSource, options)
  if (found) return { text: decodeText(found.contents[0], found.provenance.source), provenance: found.provenance }
  options.log?.(`${name}: not available; a text is generated instead (real: false)`)
  const text = generateText({ length: 200_000, seed: 0 })
  const source = 'generateText({ length: 200000, seed: 0 })'
  return { text, provenance: { name: 'generated-text', real: false, source, sha256: sha256(new TextEncoder().encode(text)) } }
}

/**
 * The first `fraction` of the tokens and the rest, by position, as views.
 *
 * @example
 * const { tokens } = charText('the quick brown fox')
 * const { train, test } = splitText(tokens, 0.75)
 */
export function splitText({ data }: NDArray, fraction: number): { train: NDArray; test: NDArray } {
  if (!(fraction > 0 && fraction < 1)) throw new InputError(`a split at ${fraction} leaves one side empty; give a fraction between 0 and 1`)
  const cut = Math.floor(data.length * fraction)
  const part = (begin: number, end: number) => ndarray(data.subarray(begin, end), [end - begin], 'int32')
  return { train: part(0, cut), test: part(cut, data.length) }
}

/** Inputs and the next characters: x and y int32 [windows, context], y shifted by one. */
export type Windows = { readonly x: NDArray; readonly y: NDArray }

/**
 * All windows of `context` characters, `stride` apart (default: side by side); for evaluation, or with `batches` for training by epochs.
 * @throws InputError if the text is shorter than one window.
 * @example
 * const { tokens } = charText('to be or not to be')
 * windows(tokens, { context: 4 }).x.shape // [4, 4]
 */
export function windows(tokens: NDArray, { context, stride = context }: { context: number; stride?: number }): Windows {
  requireContext(tokens, context)
  if (!Number.isInteger(stride) || stride < 1) throw new InputError(`stride ${stride} is not a whole number of at least 1`)
  const count = Math.floor((tokens.data.length - context - 1) / stride) + 1
  return cut(
    tokens,
    Array.from({ length: count }, (_, i) => i * stride),
    context,
  )
}

/**
 * `size` windows that begin anywhere, a pure function of (seed, step): the usual training batch of a language model.
 * @example
 * const { tokens } = charText('to be or not to be')
 * windowsAt(tokens, { context: 4, size: 2, seed: 0 }, 7).x.shape // [2, 4]
 */
export function windowsAt(
  tokens: NDArray,
  { context, size, seed }: { context: number; size: number; seed: number },
  step: number,
): Windows {
  requireContext(tokens, context)
  const random = draws(foldKey(seedKey(seed, uses.windows), step))
  return cut(
    tokens,
    Array.from({ length: size }, () => random.integer(tokens.data.length - context)),
    context,
  )
}

function requireContext({ data }: NDArray, context: number): void {
  if (!Number.isInteger(context) || context < 1) throw new InputError(`context ${context} is not a whole number of at least 1`)
  if (data.length < context + 1)
    throw new InputError(`a text of ${data.length} characters is shorter than a window of ${context} and the next one`)
}

function cut({ data }: NDArray, starts: readonly number[], context: number): Windows {
  const at = (shift: number) => {
    const out = new Int32Array(starts.length * context)
    for (const [i, start] of starts.entries()) out.set(data.subarray(start + shift, start + shift + context), i * context)
    return ndarray(out, [starts.length, context], 'int32')
  }
  return { x: at(0), y: at(1) }
}
