import { useEffect, useRef, useState } from 'preact/hooks'
import { useAssistant } from '../worker/use-assistant.ts'
import type { Candidate, CompletionRequest, Piece } from './complete.ts'
import type { ModelName, TextTasks } from './tasks.ts'

export interface Completion {
  /** What the model has added to the prompt. */
  readonly written: string
  /** Of the token that came last, or comes next. */
  readonly candidates: readonly Candidate[]
  /** The one of the candidates that was taken. */
  readonly chosen?: number
  readonly speed?: { readonly tokens: number; readonly seconds: number }
  readonly problem?: string
}

const nothing: Completion = { written: '', candidates: [] }

/** Milliseconds without a key, after which the next token is looked for. */
const pause = 150

/** What a model makes of a prompt: the next token while nobody asks for more, and a text that grows while it is written. */
export function useCompletion(model: ModelName, prompt: string) {
  const worker = useAssistant<TextTasks>(() => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }))
  const [completion, setCompletion] = useState<Completion>(nothing)
  const [isRunning, setRunning] = useState(false)
  const running = useRef<AbortController | undefined>(undefined)
  const stop = () => running.current?.abort()
  useEffect(() => stop, [])
  useEffect(() => {
    setCompletion(({ candidates }) => ({ ...nothing, candidates }))
    if (!worker) return
    let isLate = false
    // Who went on with the text meanwhile has seen what comes next.
    const show = (found: Partial<Completion>) => !isLate && setCompletion((before) => (before.speed ? before : { ...nothing, ...found }))
    const timer = setTimeout(() => {
      worker.ask('next', { model, prompt }).then(
        (candidates) => show({ candidates }),
        ({ message }: Error) => show({ problem: message }),
      )
    }, pause)
    return () => {
      isLate = true
      clearTimeout(timer)
    }
  }, [worker, model, prompt])

  const start = async (request: Omit<CompletionRequest, 'prompt'>) => {
    const { signal } = (running.current = new AbortController())
    const begun = performance.now()
    let tokens = 0
    const onEvent = ({ text, id, candidates }: Piece) => {
      if (signal.aborted) return
      if (id === undefined) return setCompletion((before) => ({ ...before, written: before.written + text }))
      const speed = { tokens: ++tokens, seconds: (performance.now() - begun) / 1000 }
      setCompletion((before) => ({ written: before.written + text, candidates, chosen: id, speed }))
    }
    setRunning(true)
    setCompletion(({ candidates }) => ({ ...nothing, candidates }))
    try {
      await worker!.ask('complete', { model, prompt, ...request }, { onEvent, signal })
    } catch (error) {
      if (!signal.aborted) setCompletion((before) => ({ ...before, problem: (error as Error).message }))
    }
    setRunning(false)
  }
  return { ...completion, canStart: worker !== undefined, isRunning, start, stop }
}
