/** A sequence of symbols that stands in the texts so often. */
interface Word {
  symbols: number[]
  readonly count: number
}

/** A pair of symbols. */
interface Pair {
  readonly left: number
  readonly right: number
  /** How often it stands in the texts now. */
  count: number
  /** The words that may hold it. */
  readonly words: number[]
}

/** A pair waiting for its turn, with the count that it had when it came. */
interface Waiting {
  readonly pair: Pair
  readonly count: number
}

/**
 * The merges of a byte-pair encoding, the most common pair first, as long as one stands `minimum` times; of several, the one whose bytes come first. Counts
 * are kept up from merge to merge: only words that hold the pair are looked at.
 */
export function* mergePairs(
  pieces: readonly { readonly bytes: Uint8Array; readonly count: number }[],
  minimum: number,
): Generator<readonly [left: Uint8Array, right: Uint8Array]> {
  const words = pieces.map(({ bytes, count }): Word => ({ symbols: [...bytes], count }))
  const tokens = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))
  const idOf = new Map(tokens.map((bytes, id) => [String(bytes), id]))
  const pairs = new Pairs()
  for (const [w, { symbols, count }] of words.entries())
    for (let i = 0; i + 1 < symbols.length; i++) pairs.change(symbols[i], symbols[i + 1], count, w)
  const waiting = new Queue(tokens)
  for (const pair of pairs.takeChanged()) waiting.push({ pair, count: pair.count })
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { pair, count } = next
    // It has become rarer since; where it has become more common, it waits a second time.
    if (pair.count !== count) {
      if (pair.count < count && pair.count >= minimum) waiting.push({ pair, count: pair.count })
      continue
    }
    if (count < minimum) return
    const bytes = joined(tokens[pair.left], tokens[pair.right])
    yield [tokens[pair.left], tokens[pair.right]]
    // Two pairs may become the same token: a|bc and ab|c.
    const id = idOf.get(String(bytes)) ?? tokens.push(bytes) - 1
    idOf.set(String(bytes), id)
    for (const w of new Set(pair.words)) mergeIn(words[w], pair, id, (left, right, change) => pairs.change(left, right, change, w))
    pair.count = 0
    pair.words.length = 0
    for (const changed of pairs.takeChanged()) if (changed.count >= minimum) waiting.push({ pair: changed, count: changed.count })
  }
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(left.length + right.length)
  both.set(left)
  both.set(right, left.length)
  return both
}

/** Merges a pair in a word, and tells which pairs become more or less common. */
function mergeIn(word: Word, { left, right }: Pair, id: number, tell: (left: number, right: number, change: number) => void): void {
  const { symbols, count } = word
  const merged: number[] = []
  for (let i = 0; i < symbols.length; i++) {
    if (symbols[i] !== left || symbols[i + 1] !== right) {
      merged.push(symbols[i])
      continue
    }
    const before = merged.at(-1)
    const after = symbols[i + 2]
    if (before !== undefined) {
      tell(before, left, -count)
      tell(before, id, count)
    }
    if (after !== undefined) {
      tell(right, after, -count)
      tell(id, after, count)
    }
    merged.push(id)
    i++
  }
  word.symbols = merged
}

/** How often pairs stand in the texts. */
class Pairs {
  readonly #pairs = new Map<number, Pair>()
  readonly #more = new Set<Pair>()

  change(left: number, right: number, change: number, word: number): void {
    const key = left * 2 ** 24 + right
    let pair = this.#pairs.get(key)
    if (!pair) this.#pairs.set(key, (pair = { left, right, count: 0, words: [] }))
    pair.count += change
    if (change < 0) return
    if (pair.words.at(-1) !== word) pair.words.push(word)
    this.#more.add(pair)
  }

  /** The pairs that have become more common since it was asked last. */
  takeChanged(): Pair[] {
    const changed = [...this.#more]
    this.#more.clear()
    return changed
  }
}

/** The most common pair first; of several, the one whose bytes come first. */
class Queue {
  readonly #items: Waiting[] = []
  readonly #tokens: readonly Uint8Array[]

  constructor(tokens: readonly Uint8Array[]) {
    this.#tokens = tokens
  }

  push(item: Waiting): void {
    const items = this.#items
    let at = items.length
    items.push(item)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#before(item, items[parent])) break
      items[at] = items[parent]
      at = parent
    }
    items[at] = item
  }

  pop(): Waiting | undefined {
    const items = this.#items
    const top = items[0]
    const last = items.pop()
    if (last === undefined || items.length === 0) return top
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= items.length) break
      if (child + 1 < items.length && this.#before(items[child + 1], items[child])) child++
      if (!this.#before(items[child], last)) break
      items[at] = items[child]
      at = child
    }
    items[at] = last
    return top
  }

  #before(a: Waiting, b: Waiting): boolean {
    if (a.count !== b.count) return a.count > b.count
    const [one, other] = [a.pair, b.pair]
    const order = compareBytes(this.#tokens[one.left], this.#tokens[other.left])
    return (order || compareBytes(this.#tokens[one.right], this.#tokens[other.right])) < 0
  }
}

/** Negative where `a` comes first; a beginning comes before what it begins. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i] - b[i]
  return a.length - b.length
}
