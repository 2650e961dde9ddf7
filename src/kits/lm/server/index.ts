/**
 * A language model behind OpenAI's HTTP interface.
 *
 * @module
 */
export { isLoopback } from './access.ts'
export { type AppOptions, type OpenAiApp, openAiApp } from './app.ts'
export type { ChatFormat, ChatMessage } from './chat-format.ts'
export { type ListenOptions, listen, type RunningServer } from './listen.ts'
export { type ServedModelOptions, servedModel } from './serve-model.ts'
export type { ScoredToken, ServedModel } from './served-model.ts'
