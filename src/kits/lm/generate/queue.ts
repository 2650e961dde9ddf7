/** Values that one part of a program gives and another waits for. */
export class Queue<T> {
  #values: T[] = []
  #wake: () => void = () => {}
  #ended = false
  #error?: unknown

  push(...values: T[]): void {
    this.#values.push(...values)
    this.#wake()
  }

  end(error?: unknown): void {
    this.#ended = true
    this.#error = error
    this.#wake()
  }

  /** The values as they come, up to the end or the error. */
  async *read(): AsyncGenerator<T, void> {
    for (;;) {
      const values = this.#values
      this.#values = []
      yield* values
      if (this.#values.length > 0) continue
      if (this.#error !== undefined) throw this.#error
      if (this.#ended) return
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
