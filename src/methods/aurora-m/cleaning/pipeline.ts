import type { Decision, Filter } from './filters.ts'

export interface Cleaned<Item> {
  readonly kept: readonly Item[]
  /** Of all documents, how many each filter rejected: the first that did. */
  readonly counts: Readonly<Record<string, number>>
  /** Some of the rejected, by filter, for a look. */
  readonly samples: Readonly<Record<string, readonly { readonly item: Item; readonly features: Decision['features'] }[]>>
}

/**
 * Passes documents through filters, in order; the first that rejects one decides. Duplicates should come last: a document that is rejected otherwise is
 * then no original of any copy.
 *
 * @example
 * clean(['short', 'long enough'], (text) => text, [minChars(8)]).kept // ['long enough']
 */
export function clean<Item>(items: readonly Item[], textOf: (item: Item) => string, filters: readonly Filter[], shown = 5): Cleaned<Item> {
  const counts: Record<string, number> = Object.fromEntries(filters.map(({ name }) => [name, 0]))
  const samples: Record<string, { item: Item; features: Decision['features'] }[]> = {}
  const kept = items.filter((item) => {
    for (const { name, decide } of filters) {
      const { keep, features } = decide(textOf(item))
      if (keep) continue
      counts[name]++
      const own = (samples[name] ??= [])
      if (own.length < shown) own.push({ item, features })
      return false
    }
    return true
  })
  return { kept, counts, samples }
}
