import { InputError } from '../../../engine/index.ts'
import { type Activation, checkConfig, type DecoderConfig, type Dialect } from '../config.ts'
import { Fields, parseObject } from './fields.ts'
import { readRope } from './rope-config.ts'

/** `model_type` of config.json, and the family whose tensors it has. */
const modelTypes: Readonly<Record<string, Dialect>> = {
  llama: 'llama',
  mistral: 'llama',
  qwen2: 'llama',
  gpt2: 'gpt2',
  gpt_bigcode: 'gpt_bigcode',
  codegen: 'codegen',
}

/** Keys that say nothing about what a model computes here: how it was trained, how it was stored, how others run it. */
const harmless = new Set(
  (
    '_name_or_path architectures auto_map torch_dtype dtype transformers_version use_cache initializer_range attention_dropout attn_pdrop ' +
    'embd_pdrop resid_pdrop n_ctx gradient_checkpointing task_specific_params summary_activation summary_first_dropout summary_proj_to_labels ' +
    'summary_type summary_use_proj pretraining_tp attention_softmax_in_fp32 scale_attention_softmax_in_fp32 reorder_and_upcast_attn ' +
    'inference_runner validate_runner_input pre_allocate_kv_cache max_sequence_length max_batch_size tokenizer_class unk_token_id ' +
    'max_window_layers chunk_size_feed_forward is_encoder_decoder is_decoder output_attentions output_hidden_states return_dict ' +
    'problem_type id2label label2id num_key_value_heads n_special predict_special_tokens initializer_factor transformers.js_config'
  ).split(' '),
)

export interface ConfigFile {
  readonly config: DecoderConfig
  /** What was read and not used. */
  readonly warnings: readonly string[]
}

/**
 * A model's shape from the text of its `config.json`, as Hugging Face's transformers write it; `generation` is the text of `generation_config.json`,
 * whose special ids come first and whose other keys are kept.
 *
 * @throws InputError for a family that is not supported, for a key that is missing or wrong, and for whatever would change what the model computes in a
 * way that is not implemented.
 * @example
 * const text = '{"model_type":"gpt2","vocab_size":50257,"n_positions":1024,"n_embd":768,"n_layer":12,"n_head":12}'
 * parameterCount(readConfig(text).config) // 124439808
 */
export function readConfig(text: string, { where = 'config.json', generation }: { where?: string; generation?: string } = {}): ConfigFile {
  const fields = new Fields(parseObject(text, where), where)
  const modelType = fields.text('model_type')
  if (!Object.hasOwn(modelTypes, modelType))
    throw fields.wrong('model_type', 'which is not supported', `supported are ${Object.keys(modelTypes).join(', ')}`)
  if (fields.has('quantization_config'))
    throw new InputError('"quantization_config": the weights are stored quantized, which is not read', {
      where,
      fix: 'dequantize them first',
    })
  const dialect = modelTypes[modelType]
  const shape = dialect === 'llama' ? readLlama(fields, modelType) : readGpt(fields, dialect)
  const beside = `${where}: generation_config.json`
  const later = generation === undefined ? {} : parseObject(generation, beside)
  const { bos_token_id, eos_token_id, pad_token_id, ...kept } = later
  const config: DecoderConfig = {
    dialect,
    modelType,
    ...shape,
    special: readSpecial(fields, new Fields(later, beside)),
    ...(Object.keys(kept).length > 0 && { generation: kept }),
  }
  checkConfig(config, where)
  const unread = fields.unread().filter((key) => !harmless.has(key))
  const warnings = unread.length > 0 ? [`${where}: not used: ${unread.join(', ')}`] : []
  return { config, warnings }
}

type Shape = Omit<DecoderConfig, 'dialect' | 'modelType' | 'special'>

/** What the classes of transformers assume where a file says nothing. */
const llamaDefaults: Readonly<Record<string, { context: number; kvHeads?: number; window?: number }>> = {
  llama: { context: 2048 },
  mistral: { context: 131_072, kvHeads: 8, window: 4096 },
  qwen2: { context: 32_768, kvHeads: 32, window: 4096 },
}

function readLlama(fields: Fields, modelType: string): Shape {
  const defaults = llamaDefaults[modelType]
  const [width, heads, layers] = ['hidden_size', 'num_attention_heads', 'num_hidden_layers'].map((key) => fields.whole(key))
  const headWidth = fields.has('head_dim') ? fields.whole('head_dim') : wholeHeads(fields, width, heads, 'hidden_size')
  if (fields.text('hidden_act', 'silu') !== 'silu') throw fields.wrong('hidden_act', 'but this family’s gate is computed with silu alone')
  const attentionBias = modelType === 'llama' && fields.flag('attention_bias', false)
  const context = fields.whole('max_position_embeddings', defaults.context)
  const window = readWindow(fields, modelType, layers)
  const kvHeads = fields.whole('num_key_value_heads', fields.isNull('num_key_value_heads') ? heads : (defaults.kvHeads ?? heads))
  if (heads % kvHeads !== 0) throw fields.wrong('num_key_value_heads', `which does not divide the ${heads} heads`)
  if (headWidth % 2 !== 0)
    throw fields.wrong(
      fields.has('head_dim') ? 'head_dim' : 'hidden_size',
      `but rotary positions turn pairs, and heads of ${headWidth} are odd`,
    )
  return {
    vocabulary: fields.whole('vocab_size'),
    width,
    layers,
    heads,
    kvHeads,
    headWidth,
    hidden: fields.whole('intermediate_size'),
    context,
    norm: 'rms',
    epsilon: fields.positive('rms_norm_eps', 1e-6),
    activation: 'silu',
    positions: { kind: 'rope', pairs: 'half', width: headWidth, ...readRope(fields) },
    parallel: false,
    fusedQkv: false,
    biases: {
      qkv: attentionBias || modelType === 'qwen2',
      output: attentionBias,
      network: modelType === 'llama' && fields.flag('mlp_bias', false),
      head: false,
      norm: false,
    },
    scaleScores: true,
    ...(window !== undefined && { window }),
    tied: fields.flag('tie_word_embeddings', false),
  }
}

function wholeHeads(fields: Fields, width: number, heads: number, key: string): number {
  if (width % heads !== 0) throw fields.wrong(key, `which ${heads} heads do not divide`)
  return width / heads
}

/** The window that all layers share. @throws InputError where some layers have one and others do not. */
function readWindow(fields: Fields, modelType: string, layers: number): number | undefined {
  const types = fields.has('layer_types') ? fields.texts('layer_types') : undefined
  const size = fields.isNull('sliding_window') ? undefined : fields.whole('sliding_window', llamaDefaults[modelType].window ?? 0, 0)
  if (modelType === 'llama') return undefined
  if (modelType === 'mistral' && !types) return size
  const isUsed = modelType === 'mistral' || fields.flag('use_sliding_window', false)
  if (!isUsed || size === undefined) return undefined
  const first = fields.whole('max_window_layers', 28, 0)
  const sliding = types ? types.filter((type) => type === 'sliding_attention').length : Math.max(0, layers - first)
  if (sliding > 0 && sliding < layers)
    throw fields.wrong(
      types ? 'layer_types' : 'max_window_layers',
      'by which only some layers have a sliding window; that is not supported',
    )
  return sliding > 0 ? size : undefined
}

/** gelu is exact only where the file says so: the family does not decide. */
const activations: Readonly<Record<string, Activation>> = {
  gelu: 'gelu',
  gelu_new: 'geluTanh',
  gelu_pytorch_tanh: 'geluTanh',
  gelu_fast: 'geluTanh',
}

function readGpt(fields: Fields, dialect: Exclude<Dialect, 'llama'>): Shape {
  const isCodegen = dialect === 'codegen'
  const [width, heads, layers] = ['n_embd', 'n_head', 'n_layer'].map((key) => fields.whole(key))
  const headWidth = wholeHeads(fields, width, heads, 'n_embd')
  const activation = fields.text('activation_function', dialect === 'gpt_bigcode' ? 'gelu_pytorch_tanh' : 'gelu_new')
  if (!Object.hasOwn(activations, activation))
    throw fields.wrong('activation_function', 'which is not known', `known are ${Object.keys(activations).join(', ')}`)
  for (const key of ['add_cross_attention', 'scale_attn_by_inverse_layer_idx'])
    if (fields.flag(key, false)) throw fields.wrong(key, 'which is not supported')
  const scaleScores = fields.flag('scale_attn_weights', true)
  if (isCodegen && !scaleScores) throw fields.wrong('scale_attn_weights', 'but codegen always divides its scores')
  return {
    vocabulary: fields.whole('vocab_size'),
    width,
    layers,
    heads,
    kvHeads: dialect === 'gpt_bigcode' && fields.flag('multi_query', true) ? 1 : heads,
    headWidth,
    hidden: fields.has('n_inner') ? fields.whole('n_inner') : 4 * width,
    context: fields.whole('n_positions', isCodegen ? 2048 : 1024),
    norm: 'layer',
    epsilon: fields.positive('layer_norm_epsilon', 1e-5),
    activation: activations[activation],
    positions: isCodegen ? codegenPositions(fields, headWidth, heads) : { kind: 'learned' },
    parallel: isCodegen,
    fusedQkv: true,
    biases: { qkv: !isCodegen, output: !isCodegen, network: true, head: isCodegen, norm: true },
    scaleScores,
    tied: fields.flag('tie_word_embeddings', !isCodegen),
  }
}

function codegenPositions(fields: Fields, headWidth: number, heads: number): DecoderConfig['positions'] {
  if (heads % 4 !== 0) throw fields.wrong('n_head', 'but codegen’s projections are stored in 4 pieces of whole heads')
  const width = fields.isNull('rotary_dim') ? headWidth : fields.whole('rotary_dim', 64)
  if (width % 2 !== 0 || width > headWidth) throw fields.wrong('rotary_dim', `not an even part of a head’s ${headWidth} entries`)
  return { kind: 'rope', theta: 10_000, pairs: 'interleaved', width }
}

/** Special ids; those of the generation config come first, as where text is generated. */
function readSpecial(fields: Fields, later: Fields): DecoderConfig['special'] {
  const ids = (key: string) => {
    const own = fields.wholes(key)
    const given = later.wholes(key)
    return given.length > 0 ? given : own
  }
  const [begin, end, pad] = ['bos_token_id', 'eos_token_id', 'pad_token_id'].map(ids)
  return { ...(begin.length > 0 && { begin: begin[0] }), end, ...(pad.length > 0 && { pad: pad[0] }) }
}
