/** Numbers, the smallest of which comes out first. */
export class MinHeap {
  #numbers: Float64Array
  #size = 0

  constructor(room = 64) {
    this.#numbers = new Float64Array(room)
  }

  get size(): number {
    return this.#size
  }

  clear(): void {
    this.#size = 0
  }

  push(number: number): void {
    if (this.#size === this.#numbers.length) {
      const larger = new Float64Array(2 * this.#size)
      larger.set(this.#numbers)
      this.#numbers = larger
    }
    const numbers = this.#numbers
    let at = this.#size++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (numbers[parent] <= number) break
      numbers[at] = numbers[parent]
      at = parent
    }
    numbers[at] = number
  }

  /** NaN where there is none. */
  pop(): number {
    const numbers = this.#numbers
    if (this.#size === 0) return Number.NaN
    const top = numbers[0]
    const last = numbers[--this.#size]
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= this.#size) break
      if (child + 1 < this.#size && numbers[child + 1] < numbers[child]) child++
      if (numbers[child] >= last) break
      numbers[at] = numbers[child]
      at = child
    }
    numbers[at] = last
    return top
  }
}
