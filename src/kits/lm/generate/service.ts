import { InputError } from '../../../engine/index.ts'
import type { LanguageModel } from '../model.ts'
import { Batch } from './batch.ts'
import type { GenerationEvent, GenerationService } from './generation.ts'

export interface ServiceOptions {
  /** Requests that run at a time; default: 8. */
  readonly places?: number
  /** Requests that may wait for a place; default: 64. */
  readonly queue?: number
}

/**
 * A request came while as many waited as may.
 *
 * @example
 * new QueueFullError('too many requests wait') instanceof Error // true
 */
export class QueueFullError extends InputError {
  override name = 'QueueFullError'
}

/**
 * A model that answers many requests at once. Those that wait join the batch as places become free, first come, first served; each gets what it would get
 * alone, its draws are those of (seed, 0, step). Begin with `stream`, which throws for a request that cannot be answered before anything has come.
 *
 * @example
 * const config = llamaConfig({ ...sizes.nano })
 * const service = generationService({ config, params: initDecoder(config, key(0)), tokenizer: byteTokenizer }, { places: 4 })
 * for await (const { text } of service.stream(byteTokenizer.encode('Once'), { maxNewTokens: 8 })) console.log(text)
 * await service.close()
 */
export function generationService(model: LanguageModel, { places = 8, queue = 64 }: ServiceOptions = {}): GenerationService {
  const batch = new Batch(model, places)
  let closed = false
  return {
    stream(prompt, options = {}, signal): AsyncIterable<GenerationEvent> {
      if (closed) throw new InputError('the generation service is closed')
      const { running, waiting } = batch.load
      if (running + waiting >= places + queue) throw new QueueFullError(`${waiting} requests wait already`, { fix: 'try again later' })
      return batch.submit({ prompt, options, row: 0, signal })
    },
    get load() {
      return batch.load
    },
    async close() {
      closed = true
      await batch.close()
    },
  }
}
