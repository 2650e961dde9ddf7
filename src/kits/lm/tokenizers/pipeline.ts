import { InputError } from '../../../engine/index.ts'
import { type AddedToken, finders } from './added-tokens.ts'
import type { Model } from './bpe.ts'
import { type Decoder, decoded } from './decoders.ts'
import type { Normalizer } from './normalizers.ts'
import type { PreTokenizer } from './pre-tokenizers.ts'
import type { Frame } from './templates.ts'
import type { Tokenizer } from './tokenizer.ts'

/** The steps of a tokenizer, in the order in which a text goes through them. */
export interface Pipeline {
  readonly vocabulary: ReadonlyMap<string, number>
  readonly added: readonly AddedToken[]
  readonly normalize: Normalizer
  readonly preTokenizer: PreTokenizer
  readonly model: Model
  readonly frame: Frame
  readonly decoder: Decoder
  /** The tokens that begin, end and fill up a text. */
  readonly roles: { readonly begin?: number; readonly end?: number; readonly pad?: number }
  readonly files: () => Readonly<Record<string, Uint8Array>>
}

/** A tokenizer of its steps. */
export function assemble(pipeline: Pipeline): Tokenizer {
  const { added, frame, roles, files } = pipeline
  const special = new Map(added.filter((token) => token.special).map(({ content, id }) => [content, id]))
  const texts = textsOf(pipeline)
  const specialIds = new Set(special.values())
  const decoder = ofIds(pipeline.decoder, (id, skipSpecial) => (skipSpecial && specialIds.has(id) ? undefined : textOf(texts, id)))
  const encode = encoder(pipeline)
  return {
    size: texts.length,
    special,
    ...roles,
    encode: (text, { special: framed = false } = {}) => {
      const ids: number[] = framed ? [...frame.before] : []
      encode(text, ids)
      if (framed) for (const id of frame.after) ids.push(id)
      return ids
    },
    decode: (ids, options) => decoder.all(ids, options),
    stream: (options) => decoder.stream(options),
    files,
  }
}

/** Texts of tokens by their ids; ids may be left out. */
function textsOf({ vocabulary, added, normalize }: Pipeline): (string | undefined)[] {
  const texts: (string | undefined)[] = []
  for (const [text, id] of vocabulary) texts[id] = text
  for (const { content, id, normalized } of added) texts[id] = normalized ? normalize(content) : content
  return texts
}

/** A model may know more ids than its tokenizer (vocabularies are rounded up): those have no text. */
function textOf(texts: readonly (string | undefined)[], id: number): string | undefined {
  if (!Number.isInteger(id) || id < 0) throw new InputError(`there is no token ${id}; ids are whole numbers from 0 on`)
  return texts[id]
}

/** What a text becomes, added to a list. */
function encoder({ added, normalize, preTokenizer, model }: Pipeline): (text: string, ids: number[]) => void {
  const find = finders(added, normalize)
  const encodeText = (text: string, atStart: boolean, ids: number[]) => {
    for (const piece of preTokenizer.split([text], atStart)) if (piece !== '') model(piece, ids)
  }
  return (text, ids) => {
    for (const section of find.raw(wellFormed(text))) {
      if ('id' in section) {
        ids.push(section.id)
        continue
      }
      for (const inner of find.normalized(normalize(section.text))) {
        if ('id' in inner) ids.push(inner.id)
        else encodeText(inner.text, section.begin === 0 && inner.begin === 0, ids)
      }
    }
  }
}

/** Halves of characters, which are no text, become U+FFFD as they would in UTF-8. */
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd')

interface IdDecoder {
  all: Tokenizer['decode']
  stream: Tokenizer['stream']
}

function ofIds(decoder: Decoder, textOf: (id: number, skipSpecial: boolean) => string | undefined): IdDecoder {
  return {
    all(ids, { skipSpecial = false } = {}) {
      const tokens: string[] = []
      for (const id of ids) {
        const text = textOf(id, skipSpecial)
        if (text !== undefined) tokens.push(text)
      }
      return decoded(decoder, tokens)
    },
    stream({ skipSpecial = false } = {}) {
      const decoding = decoder()
      return {
        push(id) {
          const text = textOf(id, skipSpecial)
          return text === undefined ? '' : decoding.push([text]).join('')
        },
        end: () => decoding.end().join(''),
      }
    },
  }
}
