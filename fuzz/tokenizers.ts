import { decodeText } from '../src/data/files.ts'
import { parseGpt2Files, parseTokenizerJson, type Tokenizer, trainTokenizer } from '../src/kits/lm/tokenizers/index.ts'
import { parseSettings } from '../src/kits/lm/tokenizers/settings.ts'
import type { Reader } from './readers.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const json = (value: unknown): Uint8Array => encode(JSON.stringify(value))

const text = ' The 3rd cat’s naïve—ab aab 🌍\r\n\tx'

/** A tokenizer that was read must work, or say why not. */
function use(tokenizer: Tokenizer): void {
  const ids = tokenizer.encode(text, { special: true })
  tokenizer.decode(ids)
  const stream = tokenizer.stream({ skipSpecial: true })
  for (const id of ids) stream.push(id)
  stream.end()
}

const vocab = { '<unk>': 0, '<s>': 1, a: 2, b: 3, ab: 4, '▁': 5, '<0x20>': 6, Ġ: 7, aab: 8, T: 9, h: 10, Th: 11 }
const merges = ['a b', 'a ab', 'T h']

/** Of every kind of step. */
const files = [
  {
    added_tokens: [{ id: 1, content: '<s>', single_word: false, lstrip: true, rstrip: false, normalized: false, special: true }],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: '▁' },
        { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      ],
    },
    pre_tokenizer: null,
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
    },
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    },
    model: { type: 'BPE', dropout: null, unk_token: '<unk>', fuse_unk: true, byte_fallback: true, ignore_merges: false, vocab, merges },
  },
  {
    added_tokens: [{ id: 12, content: 'cat', single_word: true, lstrip: false, rstrip: true, normalized: true, special: false }],
    normalizer: {
      type: 'Sequence',
      normalizers: [{ type: 'NFKC' }, { type: 'Lowercase' }, { type: 'Strip', strip_left: true, strip_right: false }],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        {
          type: 'Split',
          pattern: { Regex: '(?i:[a-c])++|\\p{N}{1,3}|(?>\\s+)(?!\\S)|[^\\s\\p{L}&&\\W]' },
          behavior: 'MergedWithPrevious',
          invert: false,
        },
        { type: 'Digits', individual_digits: true },
        { type: 'Punctuation', behavior: 'Isolated' },
        { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: true },
      ],
    },
    post_processor: { type: 'ByteLevel', trim_offsets: true },
    decoder: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first' },
    model: { type: 'BPE', continuing_subword_prefix: '', end_of_word_suffix: '', vocab, merges: merges.map((merge) => merge.split(' ')) },
  },
  {
    added_tokens: [],
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: true, use_regex: true },
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', vocab, merges },
  },
]

const kinds = ['NFD', 'Whitespace', 'WhitespaceSplit', 'Removed', 'Contiguous', 'MergedWithNext', 'WordPiece', 'Unigram']

const tokenizerJson: Reader = {
  name: 'tokenizer',
  text: true,
  good: async () => [...files.map(json), trainTokenizer(['low lower lowest'], { size: 270 }).files()['tokenizer.json']],
  read: (bytes, where) => use(parseTokenizerJson(decodeText(bytes, where), { where })),
  words: [
    ...kinds.map((kind) => `"${kind}"`),
    ...[
      '"__proto__":',
      '"Regex":"',
      '"String":',
      '[^',
      ']',
      '&&',
      '(?i:',
      '(?<=',
      '\\\\p{Han}',
      '\\\\b',
      '++',
      '*?',
      '{2,1}',
      '|',
      '\\ud800',
      ' ',
      'null',
      'true',
    ],
  ],
  large: async () => {
    const bytes = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i < 128 ? i : i + 256))
    const pairs = bytes.flatMap((a) => bytes.map((b) => [a, b] as const))
    const large = Object.fromEntries([...bytes, ...pairs.map((pair) => pair.join(''))].map((token, id) => [token, id]))
    return json({
      model: { type: 'BPE', vocab: large, merges: pairs.map((pair) => pair.join(' ')).filter((merge) => merge.split(' ').length === 2) },
    })
  },
}

const pairs: Reader = {
  name: 'merges.txt',
  text: true,
  good: async () => [encode(`#version: 0.2\n${merges.join('\n')}\n`), encode(merges.join('\r\n'))],
  read: (bytes, where) => use(parseGpt2Files(JSON.stringify(vocab), decodeText(bytes, where), { whereMerges: where })),
  words: ['a b', ' ', '\n', '\r\n', '#version', 'Ġ', '__proto__', '\0'],
}

const settings: Reader = {
  name: 'tokenizer_config.json',
  text: true,
  good: async () => [
    json({ add_bos_token: true, bos_token: '<s>', eos_token: { content: '</s>' }, model_max_length: 1e30, chat_template: '{{ x }}' }),
    json({ pad_token: null, model_max_length: 512, chat_template: [{ name: 'default', template: 'a' }] }),
  ],
  read: (bytes, where) => parseSettings({ config: decodeText(bytes, where) }, () => where),
  words: ['"__proto__":', '"content":', 'null', '{', '[', '"default"'],
}

export const tokenizers: readonly Reader[] = [tokenizerJson, pairs, settings]
