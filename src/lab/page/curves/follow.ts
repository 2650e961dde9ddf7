import type { RunEvent } from '../../api.ts'
import { isConnected } from '../ask.ts'
import { runSource } from '../router/route.ts'

/** How long to wait after a stream that broke for good, in milliseconds. */
const anewAfter = 2000

/**
 * Follows what a run says. The browser itself goes on after a break from where the stream was; where it gives up, as after an error that a server that
 * starts again may answer, the stream begins anew. Returns what ends it.
 */
export function followRun(path: string, on: (event: RunEvent) => void): () => void {
  let source: EventSource
  let timer: ReturnType<typeof setTimeout> | undefined
  const open = () => {
    source = new EventSource(`${runSource(path)}/events`)
    source.onopen = () => isConnected.set(true)
    source.onmessage = ({ data }) => {
      const event = JSON.parse(data) as RunEvent
      if (event.kind === 'end') source.close()
      on(event)
    }
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) return
      timer = setTimeout(() => {
        on({ kind: 'anew' })
        open()
      }, anewAfter)
    }
  }
  open()
  return () => {
    clearTimeout(timer)
    source.close()
  }
}
