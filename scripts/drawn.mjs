/** So many of some things, in their order; `random` gives numbers from 0 to 1. */
export function drawn(things, count, random) {
  const places = things.map((_, i) => [random(), i]).sort(([a], [b]) => a - b)
  const kept = new Set(places.slice(0, count).map(([, i]) => i))
  return things.filter((_, i) => kept.has(i))
}
