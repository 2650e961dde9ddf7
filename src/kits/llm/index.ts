/**
 * Language models that others run: any endpoint with OpenAI's protocol.
 *
 * @module
 */
export { type EmbeddedEndpoint, type EmbeddedOptions, embeddedEndpoint } from './embedded.ts'
export {
  type Answer,
  type CompleteOptions,
  type Endpoint,
  EndpointError,
  type EndpointOptions,
  type Message,
  openAiEndpoint,
} from './endpoint.ts'
export type { RetryOptions } from './retry.ts'
