import { useEffect, useState } from 'preact/hooks'
import { type Assistant, assistant, type WorkerLike } from './ask.ts'
import type { Tasks } from './messages.ts'

/** A worker of the view's own: it is there from the first look at it until the view goes. */
export function useAssistant<T extends Tasks>(start: () => Worker): Assistant<T> | undefined {
  const [found, setFound] = useState<Assistant<T>>()
  useEffect(() => {
    const made = assistant<T>(start() as unknown as WorkerLike)
    setFound(made)
    return () => made.close()
  }, [])
  return found
}
