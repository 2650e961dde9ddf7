import { evaluate, isBuffer, isTensor, leavesWithPaths, sizeOf, type Tensor } from '../../../engine/index.ts'
import type { DecoderConfig } from '../config.ts'
import type { DecoderParams, LinearParams, LinearPlace, LowRank } from '../params.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { checkPeft, type PeftConfig } from './config.ts'
import { initIa3 } from './ia3.ts'
import { initLora } from './lora.ts'
import { initPart } from './part.ts'
import { initPrefix, type PrefixParams, prefixOf } from './prefix.ts'
import { initPrompt, initPTuning, type PromptParams, promptOf } from './prompt.ts'

/** What stands beside a linear map. */
export type MapAdapter = Pick<LinearParams, 'lora' | 'scaleInput' | 'scaleOutput'>

/** Everything that an adapter adds to a model, as a tree. Its buffers stay as they are in training; all else is trained. */
export interface AdapterParams {
  /** A block an entry. */
  readonly maps?: readonly Partial<Record<LinearPlace, MapAdapter>>[]
  readonly embedding?: LowRank
  readonly prompt?: PromptParams
  readonly prefix?: PrefixParams
  /** Tensors of the base that are trained themselves, by their dotted paths. */
  readonly tensors?: Readonly<Record<string, Tensor>>
}

/** An adapter as plain data: how it was made, and its tensors. The model that it belongs to is never changed. */
export interface Adapter {
  readonly config: PeftConfig
  readonly params: AdapterParams
}

/** The model that an adapter is made for. */
export interface AdapterBase {
  readonly config: DecoderConfig
  readonly params: DecoderParams
  /** For prompts that start from a text. */
  readonly tokenizer?: Tokenizer
}

/**
 * A fresh adapter. LoRA and (IA)³ change nothing yet: B is 0, the factors are 1. The others do.
 *
 * @throws InputError for settings out of their range, and for targets that the model lacks.
 * @example
 * const config = llamaConfig({ ...sizes.nano })
 * const base = { config, params: initDecoder(config, key(0)) }
 * trainableCount(initAdapter({ kind: 'lora', rank: 16 }, base, key(1))) // 36864
 */
export function initAdapter(config: PeftConfig, base: AdapterBase, key: Tensor): Adapter {
  checkPeft(config)
  return { config, params: paramsFor(config, base, key) }
}

function paramsFor(config: PeftConfig, base: AdapterBase, key: Tensor): AdapterParams {
  switch (config.kind) {
    case 'lora':
      return initLora(config, base, key)
    case 'ia3':
      return initIa3(config, base)
    case 'prompt':
      return { prompt: initPrompt(config, base, key) }
    case 'p-tuning':
      return { prompt: initPTuning(config, base, key) }
    case 'prefix':
      return { prefix: initPrefix(config, base, key) }
    default:
      return initPart(config.kind, base)
  }
}

const trainable = ({ params }: Adapter): [path: string, x: Tensor][] =>
  leavesWithPaths(params).filter((entry): entry is [string, Tensor] => isTensor(entry[1]) && !isBuffer(entry[1]))

/**
 * The dotted paths of the tensors that training changes.
 *
 * @example
 * const config = llamaConfig({ ...sizes.tiny })
 * const base = { config, params: initDecoder(config, key(0)) }
 * trainablePaths(initAdapter({ kind: 'lora' }, base, key(1)))[0] // 'maps.0.attention.query.lora.a'
 */
export const trainablePaths = (adapter: Adapter): string[] => trainable(adapter).map(([path]) => path)

/**
 * How many numbers training changes.
 *
 * @example
 * const config = llamaConfig({ ...sizes.tiny })
 * const base = { config, params: initDecoder(config, key(0)) }
 * trainableCount(initAdapter({ kind: 'ia3' }, base, key(1))) // 456
 */
export const trainableCount = (adapter: Adapter): number => trainable(adapter).reduce((sum, [, x]) => sum + sizeOf(x.shape), 0)

/**
 * What is kept of a trained adapter: networks that made a prompt or a prefix while it was trained are dropped, and what they make takes their place.
 * Values are computed.
 *
 * @example
 * const config = llamaConfig({ ...sizes.tiny })
 * const base = { config, params: initDecoder(config, key(0)) }
 * const { params } = await finished(initAdapter({ kind: 'p-tuning', tokens: 4 }, base, key(1)))
 * params.prompt?.embeddings.shape // [4, 32]
 */
export async function finished({ config, params }: Adapter): Promise<Adapter> {
  const { prompt, prefix, ...rest } = params
  const kept = {
    ...rest,
    ...(prompt && { prompt: { embeddings: promptOf(prompt) } }),
    ...(prefix && { prefix: { pairs: prefixOf(prefix) } }),
  }
  return { config, params: await evaluate(kept) }
}
