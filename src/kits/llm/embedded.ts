import type { ChatFormatName } from '../lm/tokenizers/chat.ts'
import { type Endpoint, openAiEndpoint } from './endpoint.ts'

export interface EmbeddedOptions {
  /** How conversations are written (default: as the checkpoint's template says). */
  readonly chatFormat?: ChatFormatName
  /** Conversations that go on at a time (default: 8). */
  readonly batch?: number
}

/** An endpoint that holds a model. */
export interface EmbeddedEndpoint extends Endpoint {
  /** Ends what is under way. */
  close(): Promise<void>
}

/**
 * A model of a folder as an endpoint in this process: what asks others can ask it too, with the same options, without a socket. Its answers are not kept.
 *
 * @throws InputError for a folder without a model, and for one whose chat format is neither given nor known.
 * @example
 * import { byteTokenizer, initDecoder, llamaConfig, saveModel, sizes } from 'quire/lm'
 *
 * const config = llamaConfig({ ...sizes.tiny })
 * await saveModel({ config, params: initDecoder(config, key(0)), tokenizer: byteTokenizer }, 'tiny')
 * const endpoint = await embeddedEndpoint('tiny', { chatFormat: 'plain' })
 * const { finish } = await endpoint.complete([{ role: 'user', content: 'Hello' }], { maxTokens: 2, temperature: 0 })
 * finish // 'length'
 * await endpoint.close()
 */
export async function embeddedEndpoint(folder: string, { chatFormat: format, batch = 8 }: EmbeddedOptions = {}): Promise<EmbeddedEndpoint> {
  const [{ InputError }, { loadModel }, { chatFormat }, { chatFormatOf, openAiApp, servedModel }] = await Promise.all([
    import('../../engine/index.ts'),
    import('../lm/checkpoints/read.ts'),
    import('../lm/tokenizers/chat.ts'),
    import('../lm/server/index.ts'),
  ])
  const loaded = await loadModel(folder)
  const chat = format === undefined ? chatFormatOf(loaded.tokenizer) : chatFormat(format)
  if (!chat) throw new InputError('the checkpoint does not say how conversations are written', { where: folder, fix: 'give chatFormat' })
  const model = servedModel(loaded, { name: folder, chat, batch })
  const app = openAiApp(model)
  const endpoint = openAiEndpoint({
    baseURL: 'http://localhost/v1',
    model: folder,
    concurrency: batch,
    // A defect here is the same at every attempt.
    attempts: 1,
    timeout: 2 ** 31 - 1,
    fetch: (url, init) => app.fetch(new Request(url, init)),
  })
  return {
    name: folder,
    complete: endpoint.complete,
    async close() {
      await app.close()
      await model.service.close()
    },
  }
}
