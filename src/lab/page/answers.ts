/** What the server said at an address, and what that is as JSON. */
export interface Said<T = unknown> {
  readonly path: string
  readonly text: string
  readonly data: T
}

/** The newest answers of addresses, so that whoever comes back to a view sees it at once as it was; those that were asked for longest ago are forgotten. */
export class Answers {
  readonly #said = new Map<string, Said>()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  get<T>(path: string): Said<T> | undefined {
    return this.#said.get(path) as Said<T> | undefined
  }

  /** The same words are the same object, and nothing is drawn anew. */
  add<T>(path: string, text: string): Said<T> {
    const before = this.get<T>(path)
    const said = before?.text === text ? before : { path, text, data: JSON.parse(text) as T }
    this.forget(path)
    this.#said.set(path, said)
    const [oldest] = this.#said.keys()
    if (this.#said.size > this.#most) this.forget(oldest)
    return said
  }

  forget(path: string): void {
    this.#said.delete(path)
  }
}
