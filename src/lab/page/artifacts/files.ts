import { useEffect, useState } from 'preact/hooks'
import { askText } from '../ask.ts'

/** Of a longer text so many bytes are shown. */
export const headBytes = 2 ** 18

/** Files of which all is needed are read up to this size. */
export const largest = 16 * 2 ** 20

/** What asking for something has come to: undefined until it is there, null where it cannot be had. */
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>, dependencies: readonly unknown[]): T | null | undefined {
  const [loaded, setLoaded] = useState<T | null>()
  useEffect(() => {
    const abort = new AbortController()
    load(abort.signal).then(
      (found) => !abort.signal.aborted && setLoaded(() => found),
      () => !abort.signal.aborted && setLoaded(null),
    )
    return () => abort.abort()
  }, dependencies)
  return loaded
}

/** The text of a file of a run, or its beginning in whole lines. */
export function useFileText(source: string, bytes: number): string | null | undefined {
  return useLoaded(
    async (signal) => {
      if (bytes <= headBytes) return askText(source, { signal })
      const text = await askText(source, { signal, headers: { range: `bytes=0-${headBytes - 1}` } })
      return text.slice(0, text.lastIndexOf('\n') + 1 || undefined)
    },
    [source, bytes],
  )
}

/** Bytes of a file: all of it, or those of a range, the last included. */
export async function fileBytes(source: string, signal?: AbortSignal, range?: readonly [number, number]): Promise<ArrayBuffer> {
  const answer = await fetch(source, { signal, ...(range && { headers: { range: `bytes=${range[0]}-${range[1]}` } }) })
  if (!answer.ok) throw new Error(`${answer.status}`)
  return answer.arrayBuffer()
}
