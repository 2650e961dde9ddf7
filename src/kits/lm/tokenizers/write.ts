/** A byte-level encoding, and how it cuts texts; see `byteLevelDefinition`. */
export interface ByteLevelParts {
  readonly vocabulary: ReadonlyMap<string, number>
  readonly merges: readonly (readonly [string, string])[]
  readonly special: readonly { readonly content: string; readonly id: number }[]
  /** The token put before a text that is encoded as a whole. */
  readonly begin?: string
  /** The pre-tokenizer; without it, GPT-2's. */
  readonly preTokenizer?: unknown
}

/** A byte-level tokenizer as a `tokenizer.json` states it. */
export function byteLevelDefinition({
  vocabulary,
  merges,
  special,
  begin,
  preTokenizer,
}: ByteLevelParts): Readonly<Record<string, unknown>> {
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }
  const beginId = special.find(({ content }) => content === begin)?.id
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map(({ content, id }) => ({ id, content, ...flags })),
    normalizer: null,
    pre_tokenizer: preTokenizer ?? byteLevel,
    post_processor: begin !== undefined && beginId !== undefined ? beginTemplate(begin, beginId) : null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      // Special tokens stand here too: other readers number those that do not themselves.
      vocab: Object.fromEntries([...vocabulary, ...special.map(({ content, id }) => [content, id] as const)].sort(([, a], [, b]) => a - b)),
      merges,
    },
  }
}

/** One token before each text. */
function beginTemplate(begin: string, id: number): unknown {
  const token = (type_id: number) => ({ SpecialToken: { id: begin, type_id } })
  const text = (id: string, type_id: number) => ({ Sequence: { id, type_id } })
  return {
    type: 'TemplateProcessing',
    single: [token(0), text('A', 0)],
    pair: [token(0), text('A', 0), token(1), text('B', 1)],
    special_tokens: { [begin]: { id: begin, ids: [id], tokens: [begin] } },
  }
}

export const encodeJson = (value: unknown): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`)
