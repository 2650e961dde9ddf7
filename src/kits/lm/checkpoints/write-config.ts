import { InputError } from '../../../engine/index.ts'
import type { Activation, DecoderConfig, Dialect } from '../config.ts'
import { writeRope } from './rope-config.ts'

const architectures: Readonly<Record<string, string>> = {
  llama: 'LlamaForCausalLM',
  mistral: 'MistralForCausalLM',
  qwen2: 'Qwen2ForCausalLM',
  gpt2: 'GPT2LMHeadModel',
  gpt_bigcode: 'GPTBigCodeForCausalLM',
  codegen: 'CodeGenForCausalLM',
}

/** Names of dtypes in a config, by those of element formats. */
const dtypeNames = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const

/**
 * The content of `config.json` for a model, as transformers read it.
 *
 * @throws InputError for a model that the family's files cannot say, such as one of the llama family with layer norms.
 * @example
 * writeConfig(llamaConfig({ ...sizes.nano })).hidden_size // 64
 */
export function writeConfig(config: DecoderConfig, format: keyof typeof dtypeNames = 'F32'): Record<string, unknown> {
  const { modelType, vocabulary, special } = config
  if (!Object.hasOwn(architectures, modelType)) throw unsayable(config, `there is no model type "${modelType}"`)
  return {
    architectures: [architectures[modelType]],
    model_type: modelType,
    vocab_size: vocabulary,
    ...(config.dialect === 'llama' ? writeLlama(config) : writeGpt(config, config.dialect)),
    tie_word_embeddings: config.tied,
    bos_token_id: special.begin ?? null,
    eos_token_id: ends(config),
    pad_token_id: special.pad ?? null,
    torch_dtype: dtypeNames[format],
  }
}

const ends = ({ special: { end } }: DecoderConfig): number | readonly number[] | null => (end.length > 1 ? end : (end[0] ?? null))

/** The content of `generation_config.json`. */
export const writeGenerationConfig = (config: DecoderConfig): Record<string, unknown> => ({
  ...config.generation,
  bos_token_id: config.special.begin ?? null,
  eos_token_id: ends(config),
  pad_token_id: config.special.pad ?? null,
})

const unsayable = ({ dialect }: DecoderConfig, what: string) =>
  new InputError(`the files of the ${dialect} family cannot say this model: ${what}`, { where: 'config.json' })

function writeLlama(config: DecoderConfig): Record<string, unknown> {
  const { positions, biases, modelType } = config
  if (positions.kind !== 'rope' || positions.pairs !== 'half' || positions.width !== config.headWidth)
    throw unsayable(config, 'its positions are others than rotations of half heads')
  if (config.norm !== 'rms' || config.activation !== 'silu' || config.parallel || config.fusedQkv || !config.scaleScores)
    throw unsayable(config, 'it has RMS norms, a SwiGLU network, blocks one after another and scaled scores')
  if (modelType === 'llama' && config.window !== undefined) throw unsayable(config, 'a sliding window is mistral’s')
  if (modelType !== 'llama' && (biases.output || biases.network || biases.qkv !== (modelType === 'qwen2')))
    throw unsayable(config, `its biases are not those of ${modelType}`)
  return {
    hidden_size: config.width,
    intermediate_size: config.hidden,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.kvHeads,
    head_dim: config.headWidth,
    hidden_act: 'silu',
    rms_norm_eps: config.epsilon,
    max_position_embeddings: config.context,
    ...writeRope(positions),
    ...(modelType === 'llama' && { attention_bias: biases.qkv || biases.output, mlp_bias: biases.network }),
    ...(modelType === 'mistral' && { sliding_window: config.window ?? null }),
    ...(modelType === 'qwen2' && {
      use_sliding_window: config.window !== undefined,
      sliding_window: config.window ?? null,
      max_window_layers: config.window === undefined ? config.layers : 0,
    }),
  }
}

const activationNames: Readonly<Record<Activation, string>> = { gelu: 'gelu', geluTanh: 'gelu_pytorch_tanh', silu: 'silu' }

function writeGpt(config: DecoderConfig, dialect: Exclude<Dialect, 'llama'>): Record<string, unknown> {
  const { positions, width, heads, kvHeads } = config
  const isCodegen = dialect === 'codegen'
  if (config.headWidth * heads !== width) throw unsayable(config, `${heads} heads of ${config.headWidth} are not ${width} wide`)
  if (positions.kind !== (isCodegen ? 'rope' : 'learned')) throw unsayable(config, 'its positions are of another kind')
  if (config.norm !== 'layer' || config.activation === 'silu' || config.parallel !== isCodegen || !config.fusedQkv || config.window)
    throw unsayable(config, 'it has layer norms, GELU, one matrix for q, k and v, and no window')
  if (kvHeads !== heads && (dialect !== 'gpt_bigcode' || kvHeads !== 1)) throw unsayable(config, `${kvHeads} heads of keys and values`)
  return {
    n_embd: width,
    n_layer: config.layers,
    n_head: heads,
    n_inner: config.hidden,
    n_positions: config.context,
    activation_function: config.activation === 'geluTanh' && dialect !== 'gpt_bigcode' ? 'gelu_new' : activationNames[config.activation],
    layer_norm_epsilon: config.epsilon,
    scale_attn_weights: config.scaleScores,
    ...(dialect === 'gpt_bigcode' && { multi_query: kvHeads === 1 }),
    ...(positions.kind === 'rope' && { rotary_dim: codegenWidth(config, positions) }),
  }
}

function codegenWidth(config: DecoderConfig, positions: Extract<DecoderConfig['positions'], { kind: 'rope' }>): number {
  if (positions.pairs !== 'interleaved' || positions.theta !== 10_000 || positions.scaling)
    throw unsayable(config, 'its rotations are of neighbouring entries, by powers of 10000')
  return positions.width
}
