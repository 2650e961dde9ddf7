/** A growing text that ends at any of some texts. What may still become one of them is held back. */
export class StoppingText {
  readonly #stops: readonly string[]
  #held = ''
  #stopped = false

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== '')
  }

  get stopped(): boolean {
    return this.#stopped
  }

  /** Adds a piece; the text that is certain now. Once a stop text is complete, what stands before it is the last of the text. */
  push(piece: string): string {
    if (this.#stopped) return ''
    const text = this.#held + piece
    const found = this.#stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0)
    this.#stopped = found.length > 0
    const certain = this.#stopped ? Math.min(...found) : text.length - this.#heldOf(text)
    this.#held = this.#stopped ? '' : text.slice(certain)
    return text.slice(0, certain)
  }

  /** What was held back: no stop text came of it. */
  end(): string {
    const held = this.#held
    this.#held = ''
    return held
  }

  /** The length of the longest end of a text with which a stop text begins. */
  #heldOf(text: string): number {
    const ends = this.#stops.map((stop) => {
      let length = Math.min(stop.length - 1, text.length)
      while (length > 0 && !stop.startsWith(text.slice(text.length - length))) length--
      return length
    })
    return Math.max(0, ...ends)
  }
}
