/** A turn of a conversation. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

/** How a conversation is written as one text that the model goes on with. */
export interface ChatFormat {
  readonly name: string
  /** The conversation up to where the assistant's next words begin. */
  render(messages: readonly ChatMessage[]): string
  /** Texts that end the assistant's words. */
  readonly stops: readonly string[]
}
