/** Pairs of ids and a number of each: a hash table in typed arrays, several times faster than a `Map` of text keys. */
export class PairTable {
  readonly #left: Int32Array
  readonly #right: Int32Array
  readonly #value: Int32Array
  readonly #mask: number

  /** Room for so many pairs. */
  constructor(pairs: number) {
    const slots = 2 ** Math.ceil(Math.log2(2 * pairs + 2))
    this.#left = new Int32Array(slots).fill(-1)
    this.#right = new Int32Array(slots)
    this.#value = new Int32Array(slots)
    this.#mask = slots - 1
  }

  /** Sets the number of a pair; the last one counts. */
  set(left: number, right: number, value: number): void {
    const slot = this.#slot(left, right)
    this.#left[slot] = left
    this.#right[slot] = right
    this.#value[slot] = value
  }

  /** −1 where the pair is not there. */
  get(left: number, right: number): number {
    const slot = this.#slot(left, right)
    return this.#left[slot] < 0 ? -1 : this.#value[slot]
  }

  #slot(left: number, right: number): number {
    let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)
    hash ^= hash >>> 15
    let slot = hash & this.#mask
    while (this.#left[slot] >= 0 && (this.#left[slot] !== left || this.#right[slot] !== right)) slot = (slot + 1) & this.#mask
    return slot
  }
}
