import { InputError } from '../../../engine/index.ts'
import { tokensBefore } from '../generate/rows.ts'
import { generationService } from '../generate/service.ts'
import type { LanguageModel } from '../model.ts'
import { type ChatFormat, recognizeChatFormat } from '../tokenizers/chat.ts'
import type { LoadedTokenizer } from '../tokenizers/load.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { scorePrompt } from './score-prompt.ts'
import type { ServedModel } from './served-model.ts'

export interface ServedModelOptions {
  /** As requests name it. */
  readonly name: string
  /** Texts that are generated at a time (default: 8). */
  readonly batch?: number
  /** The most tokens of prompt and answer together (default: what the model was trained for). */
  readonly context?: number
  /** How conversations are written; chats are refused without one. */
  readonly chat?: ChatFormat
}

/**
 * A language model as the server takes it, with a generation service of its own: close that when all is over.
 *
 * @throws InputError for a context that the model has not.
 * @example
 * import { byteTokenizer, initDecoder, llamaConfig, sizes } from 'quire/lm'
 *
 * const config = llamaConfig({ ...sizes.tiny })
 * const model = servedModel({ config, params: initDecoder(config, key(0)), tokenizer: byteTokenizer }, { name: 'tiny', context: 128 })
 * model.context // 128
 * await model.service.close()
 */
export function servedModel(model: LanguageModel, { name, batch, context, chat }: ServedModelOptions): ServedModel {
  const most = model.config.context - tokensBefore(model.params)
  if (context !== undefined && context > most)
    throw new InputError(`a context of ${context} tokens is asked for, and the model has ${most}`, { fix: `give at most ${most}` })
  // The server has a bound of its own, over all requests.
  const service = generationService(model, { places: batch, queue: Number.POSITIVE_INFINITY })
  // One after the other: side by side they would be no faster, and need memory each.
  let lastScore: Promise<unknown> = Promise.resolve()
  return {
    name,
    service,
    tokenizer: model.tokenizer,
    context: context ?? most,
    chat,
    score(prompt, options) {
      const score = lastScore.then(() => scorePrompt(model, prompt, options))
      lastScore = score.catch(() => {})
      return score
    },
  }
}

/**
 * The chat format of a checkpoint's own template, if it has one.
 *
 * @throws InputError for a template of a format that is not known.
 * @example
 * import { byteTokenizer } from 'quire/lm'
 *
 * chatFormatOf(byteTokenizer) // undefined
 */
export function chatFormatOf(tokenizer: Tokenizer): ChatFormat | undefined {
  const template = (tokenizer as Partial<LoadedTokenizer>).settings?.chatTemplate
  return template === undefined ? undefined : recognizeChatFormat(template)
}
