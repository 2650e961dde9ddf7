import { useEffect, useState } from 'preact/hooks'
import { askText } from '../ask.ts'

/** Larger files are only linked. */
export const largest = 2 * 2 ** 20

/** The text of a file of a run; undefined until it is there, null where it cannot be had. */
export function useFileText(source: string): string | null | undefined {
  const [text, setText] = useState<string | null>()
  useEffect(() => {
    const abort = new AbortController()
    askText(source, { signal: abort.signal }).then(setText, () => {
      if (!abort.signal.aborted) setText(null)
    })
    return () => abort.abort()
  }, [source])
  return text
}
