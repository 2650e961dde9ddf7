import { useEffect, useState } from 'preact/hooks'

/** A value that several parts of the page look at. */
export interface Observable<T> {
  get(): T
  set(value: T): void
  /** Returns what ends it. */
  watch(watcher: (value: T) => void): () => void
}

export function observable<T>(value: T): Observable<T> {
  const watchers = new Set<(value: T) => void>()
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return
      value = next
      for (const watcher of watchers) watcher(next)
    },
    watch(watcher) {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
  }
}

export function useObservable<T>(source: Observable<T>): T {
  const [value, setValue] = useState(() => source.get())
  useEffect(() => {
    setValue(() => source.get())
    return source.watch((next) => setValue(() => next))
  }, [source])
  return value
}
