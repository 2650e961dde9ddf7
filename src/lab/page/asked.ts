import { useCallback, useEffect, useState } from 'preact/hooks'
import { Answers, type Said } from './answers.ts'
import { askText, NoAnswer, type Refusal, retryAfter } from './ask.ts'

export interface Asked<T> {
  readonly data?: T
  readonly refusal?: Refusal
  /** Asks once more, now. */
  again(): void
}

/** More are not worth the memory: a run's page can be large. */
const answers = new Answers(16)

/**
 * What the server says at an address, and goes on saying: asked again after `every` milliseconds, and after each time that it did not answer. What it
 * said last stands until it says something else. A window that nobody sees asks nothing.
 */
export function useAsked<T>(path: string, every?: number): Asked<T> {
  const [answer, setAnswer] = useState<Said<T> | { readonly path: string; readonly refusal: Refusal }>()
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
        setAnswer(answers.add<T>(path, await askText(path, { signal: abort.signal })))
        later(every)
      } catch (error) {
        if (abort.signal.aborted) return
        if (error instanceof NoAnswer) return later(retryAfter)
        answers.forget(path)
        setAnswer({ path, refusal: error as Refusal })
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
  const known = answer?.path === path ? answer : answers.get<T>(path)
  return { ...known, again }
}
