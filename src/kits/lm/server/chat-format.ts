export type { ChatFormat, ChatMessage } from '../tokenizers/chat.ts'
