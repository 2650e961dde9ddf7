import { useLayoutEffect, useState } from 'preact/hooks'

/** What is kept with an entry of the history, by name. */
const keptHere = (): Readonly<Record<string, unknown>> => history.state ?? {}

/** Keeps something with the entry of the history that is shown: it is there again after Back, and after a reload. */
export function keep(name: string, value: unknown): void {
  history.replaceState({ ...keptHere(), [name]: value }, '')
}

export const kept = (name: string): unknown => keptHere()[name]

/** State of a view that is there again when somebody comes back to it. */
export function useKept<T>(name: string, initial: T): [T, (change: (before: T) => T) => void] {
  const [value, setValue] = useState(() => (kept(name) as T | undefined) ?? initial)
  // At once: a click that follows leads to another entry.
  useLayoutEffect(() => {
    if (value !== initial) keep(name, value)
  }, [name, value])
  return [value, setValue]
}
