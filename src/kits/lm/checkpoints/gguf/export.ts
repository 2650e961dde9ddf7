import { builtin } from '../../../../engine/builtin.ts'
import { toHalves } from '../../../../engine/half.ts'
import { InputError } from '../../../../engine/index.ts'
import type { DecoderConfig } from '../../config.ts'
import type { LanguageModel } from '../../model.ts'
import { requirePlain } from '../write.ts'
import { type GgufMetadata, type GgufTensor, ggufHeader, paddingAfter } from './format.ts'
import { ggufTensors } from './tensors.ts'
import { ggufVocabulary } from './vocabulary.ts'

const { open, rename, rm, mkdir } = builtin('node:fs/promises')
const { dirname, basename } = builtin('node:path')

export interface GgufOptions {
  /** How matrices are stored (default: F32); vectors and positions are F32 in any case. */
  readonly format?: 'F32' | 'F16'
  /** Shown by programs (default: the file's name). */
  readonly name?: string
}

/**
 * Writes a model as a GGUF file for llama.cpp: llama, mistral without a window, qwen2, gpt2, and gpt_bigcode as starcoder; with byte-level tokenizers.
 *
 * @returns What llama.cpp will compute otherwise than this library.
 * @throws InputError for what its architectures cannot say: codegen, sliding windows, dynamic rotary scaling.
 * @example
 * const config = llamaConfig({ ...sizes.tiny })
 * await saveGguf('tiny.gguf', { config, params: initDecoder(config, key(0)), tokenizer: byteTokenizer })
 */
export async function saveGguf(path: string, { config, params, tokenizer }: LanguageModel, options: GgufOptions = {}): Promise<string[]> {
  requirePlain(params)
  const { format = 'F32', name = basename(path, '.gguf') } = options
  const metadata = { ...shapeMetadata(config, name, format), ...ggufVocabulary(config, tokenizer) }
  const sources = ggufTensors(config, params)
  const tensors = sources.map(
    (source): GgufTensor => ({ name: source.name, shape: source.shape, element: elementOf(source.name, source.shape, format) }),
  )
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.${builtin('node:crypto').randomUUID()}.part`
  try {
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(ggufHeader(metadata, tensors))
      for (const [i, source] of sources.entries()) {
        const values = await source.values()
        await file.writeFile(
          tensors[i].element === 'F16' ? toHalves(values) : new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
        )
        await file.writeFile(new Uint8Array(paddingAfter(tensors[i])))
      }
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw cause
  }
  return config.activation === 'gelu'
    ? ['llama.cpp computes the tanh form of GELU where this model has the exact one: its logits differ a little']
    : []
}

const elementOf = (name: string, shape: readonly number[], format: 'F32' | 'F16') =>
  shape.length === 1 || name === 'position_embd.weight' ? 'F32' : format

const architectures: Readonly<Record<string, string>> = {
  llama: 'llama',
  mistral: 'llama',
  qwen2: 'qwen2',
  gpt2: 'gpt2',
  gpt_bigcode: 'starcoder',
}

/** The architecture that llama.cpp knows such a model as. @throws InputError with the reason where there is none. */
function architectureOf(config: DecoderConfig): string {
  const fail = (what: string) => new InputError(`llama.cpp cannot run this model: ${what}`, { fix: 'convert it to ONNX instead' })
  const name = architectures[config.modelType]
  if (!name) throw fail(`it has no architecture for ${config.modelType}`)
  if (config.window !== undefined && config.window < config.context) throw fail('its llama architecture has no sliding window')
  if (config.positions.kind === 'rope' && config.positions.scaling?.kind === 'dynamic')
    throw fail('its rotary positions have no dynamic scaling')
  if (!config.scaleScores) throw fail('it always divides scores by the root of the head’s width')
  if (config.dialect === 'llama' && config.biases.network) throw fail('its llama architecture has no biases in the networks here')
  return name
}

function shapeMetadata(config: DecoderConfig, name: string, format: 'F32' | 'F16'): GgufMetadata {
  const architecture = architectureOf(config)
  const whole = (value: number) => ({ type: 'uint32', value }) as const
  const real = (value: number) => ({ type: 'float32', value }) as const
  const { positions, norm, epsilon } = config
  const scaling = positions.kind === 'rope' ? positions.scaling : undefined
  const own = {
    context_length: whole(config.context),
    embedding_length: whole(config.width),
    block_count: whole(config.layers),
    feed_forward_length: whole(config.hidden),
    'attention.head_count': whole(config.heads),
    'attention.head_count_kv': whole(config.kvHeads),
    [norm === 'rms' ? 'attention.layer_norm_rms_epsilon' : 'attention.layer_norm_epsilon']: real(epsilon),
    vocab_size: whole(config.vocabulary),
    ...(positions.kind === 'rope' && {
      'attention.key_length': whole(config.headWidth),
      'attention.value_length': whole(config.headWidth),
      'rope.dimension_count': whole(positions.width),
      'rope.freq_base': real(positions.theta),
    }),
    ...(scaling?.kind === 'linear' && {
      'rope.scaling.type': { type: 'string', value: 'linear' } as const,
      'rope.scaling.factor': real(scaling.factor),
    }),
  }
  return {
    'general.architecture': { type: 'string', value: architecture },
    'general.name': { type: 'string', value: name },
    'general.file_type': whole(format === 'F32' ? 0 : 1),
    ...Object.fromEntries(Object.entries(own).map(([key, value]) => [`${architecture}.${key}`, value])),
  }
}
