import { useCallback, useEffect, useState } from 'preact/hooks'
import { askText, NoAnswer, type Refusal } from './ask.ts'

export interface Asked<T> {
  readonly data?: T
  readonly refusal?: Refusal
  /** Asks once more, now. */
  again(): void
}

/** How long to wait for a server that does not answer, in milliseconds. */
const retryAfter = 1500

/**
 * What the server says at an address, and goes on saying: asked again after `every` milliseconds, and after each time that it did not answer. A window
 * that nobody sees asks nothing.
 */
export function useAsked<T>(path: string, every?: number): Asked<T> {
  const [answer, setAnswer] = useState<{ path: string; text: string; data?: T; refusal?: Refusal }>({ path, text: '' })
  const [round, setRound] = useState(0)
  useEffect(() => {
    const abort = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const later = (wait?: number) => {
      if (wait !== undefined && !abort.signal.aborted) timer = setTimeout(once, wait)
    }
    const once = async () => {
      if (document.hidden) return later(retryAfter)
      try {
        const text = await askText(path, { signal: abort.signal })
        // The same words are the same data: nothing is drawn anew.
        setAnswer((before) => (before.path === path && before.text === text ? before : { path, text, data: JSON.parse(text) as T }))
        later(every)
      } catch (error) {
        if (abort.signal.aborted) return
        if (error instanceof NoAnswer) return later(retryAfter)
        setAnswer({ path, text: '', refusal: error as Refusal })
        later(every)
      }
    }
    once()
    return () => {
      abort.abort()
      clearTimeout(timer)
    }
  }, [path, every, round])
  const again = useCallback(() => setRound((count) => count + 1), [])
  return answer.path === path ? { data: answer.data, refusal: answer.refusal, again } : { again }
}
