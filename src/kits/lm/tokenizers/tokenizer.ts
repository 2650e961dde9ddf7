/** Text as numbers and back. */
export interface Tokenizer {
  /** One more than the largest id. */
  readonly size: number
  /** Ids with a meaning of their own, by their text. */
  readonly special: ReadonlyMap<string, number>
  /** The ids that begin and end a text, and fill a batch up, where there are such. */
  readonly begin?: number
  readonly end?: number
  readonly pad?: number
  /** `special`: also put what the tokenizer puts before and after a text (default: false). Special tokens written out in the text are found in either case. */
  encode(text: string, options?: { readonly special?: boolean }): number[]
  /** Bytes that are not UTF-8 become U+FFFD. `skipSpecial` leaves special tokens out (default: false). */
  decode(ids: Iterable<number>, options?: { readonly skipSpecial?: boolean }): string
  /** A decoder of a growing text, which holds back what may still become a character. */
  stream(options?: { readonly skipSpecial?: boolean }): TextStream
  /** The files of a Hugging Face directory that say all about it, by their names. */
  files(): Readonly<Record<string, Uint8Array>>
}

export interface TextStream {
  /** The text that one more token completes; often '' within a character of several bytes. */
  push(id: number): string
  /** What was held back, as it is. */
  end(): string
}
