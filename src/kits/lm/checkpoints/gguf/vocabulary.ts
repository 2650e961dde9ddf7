import { InputError } from '../../../../engine/index.ts'
import type { DecoderConfig } from '../../config.ts'
import type { Tokenizer } from '../../tokenizers/tokenizer.ts'
import type { GgufMetadata } from './format.ts'

/** llama.cpp's kinds of tokens. */
const kinds = { normal: 1, control: 3, written: 4, unused: 5 } as const

interface TokenizerJson {
  readonly added_tokens?: readonly { readonly id: number; readonly content: string; readonly special: boolean }[]
  readonly normalizer: unknown
  readonly pre_tokenizer: PreTokenizer | null
  readonly model: {
    readonly type: string
    readonly byte_fallback?: boolean
    readonly vocab: Readonly<Record<string, number>>
    readonly merges: readonly (string | readonly [string, string])[]
  }
}

interface PreTokenizer {
  readonly type: string
  readonly use_regex?: boolean
  readonly individual_digits?: boolean
  readonly add_prefix_space?: boolean
  readonly pretokenizers?: readonly PreTokenizer[]
}

const unsaid = (what: string) =>
  new InputError(`the tokenizer cannot be said in GGUF: ${what}`, { fix: 'byte-level BPE of GPT-2’s and StarCoder’s kinds can' })

/** The tokenizer as llama.cpp's metadata: byte-level BPE, with as many tokens as the model has. */
export function ggufVocabulary({ vocabulary, special }: DecoderConfig, tokenizer: Tokenizer): GgufMetadata {
  const file = tokenizer.files()['tokenizer.json']
  if (!file) throw unsaid('it has no tokenizer.json')
  const { added_tokens = [], normalizer, pre_tokenizer, model } = JSON.parse(new TextDecoder().decode(file)) as TokenizerJson
  if (model.type !== 'BPE' || model.byte_fallback) throw unsaid('it is no byte-level BPE')
  if (normalizer !== null && normalizer !== undefined) throw unsaid('it normalizes texts')
  const tokens = Array.from({ length: vocabulary }, (_, id) => `[unused${id}]`)
  const types = new Array<number>(vocabulary).fill(kinds.unused)
  for (const [text, id] of Object.entries(model.vocab)) [tokens[id], types[id]] = [text, kinds.normal]
  for (const { id, content, special } of added_tokens) [tokens[id], types[id]] = [content, special ? kinds.control : kinds.written]
  const merges = model.merges.map((pair) => (typeof pair === 'string' ? pair : pair.join(' ')))
  const ids = {
    bos_token_id: special.begin ?? tokenizer.begin,
    eos_token_id: special.end[0] ?? tokenizer.end,
    padding_token_id: special.pad ?? tokenizer.pad,
  }
  return {
    'tokenizer.ggml.model': { type: 'string', value: 'gpt2' },
    'tokenizer.ggml.pre': { type: 'string', value: merges.length === 0 ? 'gpt-2' : preTokenizerName(pre_tokenizer) },
    'tokenizer.ggml.tokens': { type: 'strings', value: tokens },
    'tokenizer.ggml.token_type': { type: 'int32s', value: types },
    'tokenizer.ggml.merges': { type: 'strings', value: merges },
    ...Object.fromEntries(
      Object.entries(ids).flatMap(([key, value]) => (value === undefined ? [] : [[`tokenizer.ggml.${key}`, { type: 'uint32', value }]])),
    ),
    'tokenizer.ggml.add_bos_token': { type: 'bool', value: tokenizer.encode('a', { special: true })[0] === ids.bos_token_id },
  }
}

/** How llama.cpp calls the way that a text is cut before merging; without merges it makes no difference. */
function preTokenizerName(pre: PreTokenizer | null): string {
  const list = pre?.type === 'Sequence' ? (pre.pretokenizers ?? []) : pre ? [pre] : []
  const isByteLevel = (one?: PreTokenizer) => one?.type === 'ByteLevel' && one.use_regex !== false && one.add_prefix_space !== true
  if (list.length === 1 && isByteLevel(list[0])) return 'gpt-2'
  if (list.length === 2 && list[0].type === 'Digits' && list[0].individual_digits && isByteLevel(list[1])) return 'starcoder'
  throw unsaid('it cuts texts in a way of its own')
}
