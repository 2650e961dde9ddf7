import { type NDArray, ndarray } from '../../../engine/index.ts'
import type { DecoderConfig } from '../config.ts'

/** Slots come in multiples of this many. */
const bucket = 64

/** Slots for so many tokens and some more, so that room is made for many tokens at once. */
export const slotsFor = (tokens: number): number => Math.ceil((tokens * 1.125 + 1) / bucket) * bucket

/**
 * Keys and values of texts in progress: for each layer [rows, G, slots, headWidth]. The host writes the slots; the runtime reads them where they are. What
 * is kept of the first n rows is the front of the arrays, so a batch of any size up to `rows` needs no copy.
 */
export class Cache {
  readonly rows: number
  readonly #heads: number
  readonly #width: number
  #slots: number
  /** Keys and values of each layer in turn. */
  #arrays: Float32Array[]
  #views = new Map<number, NDArray[]>()

  constructor({ layers, kvHeads, headWidth }: DecoderConfig, rows: number, slots: number) {
    this.rows = rows
    this.#heads = kvHeads
    this.#width = headWidth
    this.#slots = slots
    this.#arrays = Array.from({ length: 2 * layers }, () => new Float32Array(rows * this.#rowSize))
  }

  get slots(): number {
    return this.#slots
  }

  get #rowSize(): number {
    return this.#heads * this.#slots * this.#width
  }

  /** The first n rows, without a copy. */
  first(n: number): readonly NDArray[] {
    let views = this.#views.get(n)
    if (!views) {
      const shape = [n, this.#heads, this.#slots, this.#width]
      views = this.#arrays.map((array) => ndarray(array.subarray(0, n * this.#rowSize), shape, 'float32'))
      this.#views.set(n, views)
    }
    return views
  }

  /** Writes new keys and values [n, G, t, headWidth] of a row of `layers` into a row's slots from `at` on. */
  write(row: number, at: number, layers: readonly NDArray[], from: number): void {
    const size = layers[0].shape[2] * this.#width
    layers.forEach(({ data }, i) => {
      const array = this.#arrays[i]
      for (let head = 0; head < this.#heads; head++) {
        const source = (from * this.#heads + head) * size
        const target = row * this.#rowSize + (head * this.#slots + at) * this.#width
        for (let k = 0; k < size; k++) array[target + k] = data[source + k]
      }
    })
  }

  /** Makes a row that of another cache, or of this one, as far as `length` slots. */
  copy(row: number, length: number, from: Cache, fromRow: number): void {
    this.#arrays.forEach((array, i) => {
      for (let head = 0; head < this.#heads; head++) {
        const source = fromRow * from.#rowSize + head * from.#slots * this.#width
        const target = row * this.#rowSize + head * this.#slots * this.#width
        array.set(from.#arrays[i].subarray(source, source + length * this.#width), target)
      }
    })
  }

  /** Makes room for at least so many slots, and keeps what is there. */
  reserve(tokens: number): void {
    if (tokens <= this.#slots) return
    const [old, before] = [this.#arrays, this.#slots]
    this.#slots = slotsFor(tokens)
    this.#views.clear()
    this.#arrays = old.map((array) => {
      const larger = new Float32Array(this.rows * this.#rowSize)
      for (let line = 0; line < this.rows * this.#heads; line++)
        larger.set(array.subarray(line * before * this.#width, (line + 1) * before * this.#width), line * this.#slots * this.#width)
      return larger
    })
  }
}
