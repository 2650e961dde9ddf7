/** Lets so many pieces of work run at a time; the others wait in line. */
export function gate(places: number): <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T> {
  let free = places
  const line: (() => void)[] = []
  return async (work, signal) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => line.push(resolve))
    try {
      signal?.throwIfAborted()
      return await work()
    } finally {
      const next = line.shift()
      if (next) next()
      else free++
    }
  }
}
