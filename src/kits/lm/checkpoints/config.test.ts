import { describe, expect, test } from 'vitest'
import { InputError } from '../../../engine/index.ts'
import { alwaysOnCount, blockCount, type DecoderConfig, llamaConfig, parameterCount, sizes } from '../config.ts'
import { readConfig } from './read-config.ts'
import { writeConfig, writeGenerationConfig } from './write-config.ts'

const read = (values: object, generation?: object) =>
  readConfig(JSON.stringify(values), { generation: generation && JSON.stringify(generation) })
const configOf = (values: object) => read(values).config

const llama = {
  model_type: 'llama',
  vocab_size: 32_000,
  hidden_size: 4096,
  intermediate_size: 11_008,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  hidden_act: 'silu',
}
const gpt2 = { model_type: 'gpt2', vocab_size: 50_257, n_positions: 1024, n_embd: 768, n_layer: 12, n_head: 12 }

describe('published parameter counts', () => {
  test('GPT-2 small', () => expect(parameterCount(configOf(gpt2))).toBe(124_439_808))

  test('StarCoder', () => {
    const starcoder = { vocab_size: 49_152, n_positions: 8192, n_embd: 6144, n_layer: 40, n_head: 48, n_inner: 24_576, multi_query: true }
    expect(parameterCount(configOf({ model_type: 'gpt_bigcode', activation_function: 'gelu', ...starcoder }))).toBe(15_517_456_384)
  })

  test('Llama 2 7B', () => expect(parameterCount(configOf(llama))).toBe(6_738_415_616))

  test('Llama 3.1 8B, its two parts', () => {
    const config = configOf({ ...llama, vocab_size: 128_256, intermediate_size: 14_336, num_key_value_heads: 8 })
    expect([alwaysOnCount(config), blockCount(config)]).toEqual([1_050_677_248, 218_112_000])
  })

  test('nano', () => expect(parameterCount(llamaConfig({ ...sizes.nano }))).toBe(313_920))
})

test('the activation is the file’s, never the family’s', () => {
  const of = (activation_function: string) => configOf({ ...gpt2, activation_function }).activation
  expect(['gelu', 'gelu_new', 'gelu_fast', 'gelu_pytorch_tanh'].map(of)).toEqual(['gelu', 'geluTanh', 'geluTanh', 'geluTanh'])
  expect(() => of('relu')).toThrow('"activation_function" is "relu", which is not known')
  expect(configOf({ ...gpt2, model_type: 'gpt_bigcode' }).activation).toBe('geluTanh')
})

test('a sliding window, and which layers have it', () => {
  const mistral = { ...llama, model_type: 'mistral' }
  const qwen2 = { ...llama, model_type: 'qwen2', sliding_window: 512 }
  expect(configOf(mistral)).toMatchObject({ window: 4096, kvHeads: 8 })
  expect(configOf({ ...mistral, sliding_window: null })).not.toHaveProperty('window')
  expect(configOf(qwen2)).not.toHaveProperty('window')
  expect(configOf({ ...qwen2, use_sliding_window: true, max_window_layers: 0 }).window).toBe(512)
  expect(configOf({ ...qwen2, use_sliding_window: true, max_window_layers: 32 })).not.toHaveProperty('window')
  expect(() => configOf({ ...qwen2, use_sliding_window: true })).toThrow('only some layers have a sliding window')
  expect(configOf({ ...qwen2, use_sliding_window: true, layer_types: Array(32).fill('full_attention') })).not.toHaveProperty('window')
})

test('rotary scalings, in both spellings; an unknown one is an error', () => {
  const of = (more: object) => (configOf({ ...llama, ...more }).positions as { theta: number; scaling?: object }) ?? {}
  const llama3 = { factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 }
  const read3 = { kind: 'llama3', factor: 8, lowFrequency: 1, highFrequency: 4, originalContext: 8192 }
  expect(of({ rope_theta: 1e6, rope_scaling: { type: 'linear', factor: 4 } })).toMatchObject({
    theta: 1e6,
    scaling: { kind: 'linear', factor: 4 },
  })
  expect(of({ rope_scaling: { rope_type: 'llama3', ...llama3 } }).scaling).toEqual(read3)
  expect(of({ rope_parameters: { rope_type: 'llama3', rope_theta: 5e5, ...llama3 } })).toMatchObject({ theta: 5e5, scaling: read3 })
  expect(of({ rope_scaling: { type: 'default' } })).not.toHaveProperty('scaling')
  expect(() => of({ rope_scaling: { type: 'yarn', factor: 4 } })).toThrow(
    '"type" is "yarn", a scaling of rotary positions that is not known',
  )
  expect(() => of({ rope_scaling: { type: 'linear', factor: 0 } })).toThrow('"factor" is 0, not a positive number')
})

test('special ids: those of the generation config first, one or several', () => {
  expect(read({ ...llama, bos_token_id: 1, eos_token_id: 2 }).config.special).toEqual({ begin: 1, end: [2] })
  const { special } = read({ ...llama, bos_token_id: 1, eos_token_id: 2 }, { eos_token_id: [5, 7], pad_token_id: 0 }).config
  expect(special).toEqual({ begin: 1, end: [5, 7], pad: 0 })
})

test('what else the generation config says is written as it was read', () => {
  const own = { do_sample: true, temperature: 0.6, top_p: 0.9, eos_token_id: [5, 7] }
  const { config } = read({ ...llama, bos_token_id: 1 }, own)
  expect(writeGenerationConfig(config)).toEqual({ ...own, bos_token_id: 1, pad_token_id: null })
  expect(read({ ...llama, bos_token_id: 1 }, { eos_token_id: 5 }).config).not.toHaveProperty('generation')
})

test('what nobody has asked for is told, unless it is harmless', () => {
  expect(read({ ...gpt2, torch_dtype: 'float16', use_cache: true }).warnings).toEqual([])
  expect(read({ ...gpt2, logit_scale: 2 }).warnings).toEqual(['config.json: not used: logit_scale'])
})

test.each<[string, object]>([
  [
    '"model_type" is "bert", which is not supported; supported are llama, mistral, qwen2, gpt2, gpt_bigcode, codegen',
    { model_type: 'bert' },
  ],
  ['"model_type" is missing', {}],
  ['"hidden_size" is "64", not a whole number', { ...llama, hidden_size: '64' }],
  ['"n_embd" is missing', { ...gpt2, n_embd: undefined }],
  ['which 7 heads do not divide', { ...gpt2, n_head: 7 }],
  ['"hidden_act" is "gelu"', { ...llama, hidden_act: 'gelu' }],
  ['"num_key_value_heads" is 5, which does not divide the 32 heads', { ...llama, num_key_value_heads: 5 }],
  ['stored quantized', { ...llama, quantization_config: { quant_method: 'gptq' } }],
  ['"scale_attn_by_inverse_layer_idx" is true, which is not supported', { ...gpt2, scale_attn_by_inverse_layer_idx: true }],
  ['4 pieces of whole heads', { ...gpt2, model_type: 'codegen', n_head: 6 }],
  ['"head_dim" is 7, but rotary positions turn pairs', { ...llama, head_dim: 7 }],
  ['"rotary_dim" is 7', { ...gpt2, model_type: 'codegen', rotary_dim: 7 }],
  ['"rms_norm_eps" is 0, not a positive number', { ...llama, rms_norm_eps: 0 }],
  ['partial_rotary_factor', { ...llama, partial_rotary_factor: 0.5 }],
])('refused: %s', (message, values) => {
  expect(() => read(values)).toThrow(InputError)
  expect(() => read(values)).toThrow(message)
})

test('what is no JSON object is refused', () => {
  for (const text of ['', '[]', 'null', '{"model_type":'])
    expect(() => readConfig(text, { where: 'a/config.json' })).toThrow('a/config.json: line 1')
})

const gptConfig = configOf({ ...gpt2, bos_token_id: 1, eos_token_id: [3, 4], activation_function: 'gelu', scale_attn_weights: false })
const written: Record<string, DecoderConfig> = {
  llama: llamaConfig({ ...sizes.nano, kvHeads: 2, tied: false }),
  'llama with biases': configOf({
    ...llama,
    attention_bias: true,
    mlp_bias: true,
    head_dim: 64,
    rope_scaling: { type: 'dynamic', factor: 2 },
  }),
  mistral: configOf({ ...llama, model_type: 'mistral', sliding_window: 100 }),
  'mistral without a window': configOf({ ...llama, model_type: 'mistral', sliding_window: null }),
  qwen2: configOf({ ...llama, model_type: 'qwen2' }),
  'qwen2 with a window': configOf({ ...llama, model_type: 'qwen2', use_sliding_window: true, max_window_layers: 0, sliding_window: 9 }),
  gpt2: gptConfig,
  bigcode: configOf({ ...gpt2, model_type: 'gpt_bigcode', n_inner: 100 }),
  codegen: configOf({ ...gpt2, model_type: 'codegen', rotary_dim: 32 }),
}

test.each(Object.entries(written))('%s is read again as it was written', (_, config) => {
  const { config: again, warnings } = read(writeConfig(config), writeGenerationConfig(config))
  expect(again).toEqual(config)
  expect(warnings).toEqual([])
})

test('what a family’s files cannot say is not written', () => {
  const refuse = (config: DecoderConfig, what: string) => expect(() => writeConfig(config)).toThrow(what)
  refuse({ ...written.llama, window: 3 }, 'a sliding window is mistral’s')
  refuse({ ...written.llama, norm: 'layer' }, 'RMS norms')
  refuse({ ...gptConfig, kvHeads: 3 }, '3 heads of keys and values')
  refuse({ ...written.codegen, positions: { kind: 'learned' } }, 'of another kind')
  refuse({ ...written.qwen2, biases: { ...written.qwen2.biases, qkv: false } }, 'not those of qwen2')
})
