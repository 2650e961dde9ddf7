import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeText } from '../src/data/files.ts'
import { ndarray } from '../src/engine/array.ts'
import { writeSafetensors } from '../src/engine/safetensors.ts'
import { openSafetensors } from '../src/engine/safetensors-file.ts'
import { type Gguf, ggufHeader, readGguf } from '../src/kits/lm/checkpoints/gguf/format.ts'
import { readPeftConfig } from '../src/kits/lm/checkpoints/peft-config.ts'
import { readConfig } from '../src/kits/lm/checkpoints/read-config.ts'
import { readIndex } from '../src/kits/lm/checkpoints/weights.ts'
import type { Reader } from './readers.ts'

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))

const llama = {
  model_type: 'llama',
  vocab_size: 260,
  hidden_size: 64,
  intermediate_size: 172,
  num_hidden_layers: 6,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  rope_scaling: { rope_type: 'linear', factor: 2 },
  eos_token_id: [1, 2],
}
const gpt = { model_type: 'gpt2', vocab_size: 260, n_positions: 64, n_embd: 64, n_layer: 2, n_head: 4, activation_function: 'gelu' }

const config: Reader = {
  name: 'config.json',
  text: true,
  good: async () =>
    [
      llama,
      { ...llama, model_type: 'mistral', sliding_window: 8, head_dim: 8 },
      { ...llama, model_type: 'qwen2', use_sliding_window: true, max_window_layers: 0 },
      gpt,
      { ...gpt, model_type: 'gpt_bigcode', multi_query: false },
      { ...gpt, model_type: 'codegen', rotary_dim: 8 },
    ].map(encode),
  read: (bytes, where) => readConfig(decodeText(bytes, where), { where }),
  words: [
    '"qwen2"',
    '"codegen"',
    'null',
    '1e300',
    '-1',
    '0',
    '1e15',
    '"rope_parameters":{',
    '"yarn"',
    '"llama3"',
    '[]',
    '{}',
    'true',
    '"layer_types":["',
    '__proto__',
  ],
}

const index: Reader = {
  name: 'model.safetensors.index.json',
  text: true,
  good: async () => [
    encode({ metadata: { total_size: 8 }, weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' } }),
  ],
  read: (bytes, where) => readIndex(decodeText(bytes, where), where),
  words: ['"../x.safetensors"', '"weight_map"', 'null', '[]', '{}', '__proto__', '\\u0000'],
}

const adapter: Reader = {
  name: 'adapter_config.json',
  text: true,
  good: async () =>
    [
      { peft_type: 'LORA', r: 4, lora_alpha: 8, target_modules: ['q_proj'], rank_pattern: { q_proj: 2 }, layers_to_transform: [0] },
      { peft_type: 'LORA', r: 4, target_modules: '.*q_proj', modules_to_save: ['lm_head'], bias: 'lora_only', use_dora: true },
      { peft_type: 'IA3', target_modules: ['k_proj'], feedforward_modules: [] },
      { peft_type: 'PREFIX_TUNING', num_virtual_tokens: 3 },
      { peft_type: 'PROMPT_TUNING', num_virtual_tokens: 3, prompt_tuning_init: 'TEXT', prompt_tuning_init_text: 'x' },
    ].map(encode),
  read: (bytes, where) => readPeftConfig(decodeText(bytes, where), where),
  words: ['"(?P<x>"', '"("', '"(a+)+$"', 'null', '-1', '1e300', '[]', '{}', '"all-linear"', '"pissa"', '__proto__'],
}

const floats = (...shape: number[]) =>
  ndarray(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
    shape,
    'float32',
  )

/** The same format as `safetensors`, read from the disk piece by piece. */
const lazy: Reader = {
  name: 'safetensors-file',
  good: async () => [writeSafetensors({ a: floats(3, 2), b: floats(0), c: floats() }, { format: 'pt' }), writeSafetensors({})],
  read: (() => {
    const folder = mkdtempSync(join(tmpdir(), 'quire-fuzz-lazy-'))
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
    const path = join(folder, 'model.safetensors')
    return async (bytes: Uint8Array, where: string) => {
      writeFileSync(path, bytes)
      const file = await openSafetensors(path, where)
      try {
        for (const name of file.entries.keys()) await file.read(name)
      } finally {
        await file.close()
      }
    }
  })(),
  words: ['"dtype":"F16"', '"BF16"', '"I64"', '"__metadata__"', '"shape":[', '"data_offsets":[0,', '{"a":'],
}

const gguf: Reader = {
  name: 'gguf',
  good: async () => {
    const metadata: Gguf['metadata'] = {
      'general.architecture': { type: 'string', value: 'llama' },
      'llama.block_count': { type: 'uint32', value: 2 },
      tokens: { type: 'strings', value: ['a', 'é'] },
      types: { type: 'int32s', value: [1, -3] },
      scores: { type: 'float32s', value: [0.5] },
      flag: { type: 'bool', value: true },
    }
    const tensors = [
      { name: 'x', shape: [2, 3], element: 'F32' },
      { name: 'y', shape: [4], element: 'F16' },
    ] as const
    return [Buffer.concat([ggufHeader(metadata, tensors), new Uint8Array(64)]), ggufHeader({}, [])]
  },
  read: (bytes, where) => readGguf(bytes, where),
  words: ['GGUF', 'general.alignment', '\x08\0\0\0', '\x09\0\0\0', '\xff\xff\xff\xff'],
}

/** Files that language models are kept in. */
export const checkpoints: readonly Reader[] = [config, index, adapter, lazy, gguf]
