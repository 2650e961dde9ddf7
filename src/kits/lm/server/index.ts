/**
 * A language model behind OpenAI's HTTP interface.
 *
 * @module
 */

export type { ChatFormat, ChatMessage } from '../tokenizers/chat.ts'
export { isLoopback } from './access.ts'
export { type AppOptions, type OpenAiApp, openAiApp } from './app.ts'
export { type ListenOptions, listen, type RunningServer } from './listen.ts'
export { chatFormatOf, type ServedModelOptions, servedModel } from './serve-model.ts'
export type { ScoredToken, ServedModel } from './served-model.ts'
