/** How a stream of events behaves while nothing moves. */
export interface EventStreamOptions {
  /** A comment is sent after so many milliseconds without an event, so that nothing between here and the client thinks the connection dead. */
  readonly keepAlive: number
  /** A client that has read nothing for so many milliseconds is given up. */
  readonly stall: number
  /** The client has left, or was given up. */
  onLeave(): void
  /** Cuts the connection, where there is one. */
  readonly disconnect?: () => void
}

const utf8 = new TextEncoder()

/** One server-sent event. JSON has no line breaks outside its strings, and writes those inside them as \n. */
export const event = (data: string): string => `data: ${data}\n\n`

const comment = ': keep-alive\n\n'

/**
 * Events as a response's body. Each is made when the connection takes it, so that a slow reader slows the generator down and costs no memory; each is
 * encoded whole, so that no character is cut.
 */
export function eventStream(
  events: AsyncIterator<string>,
  { keepAlive, stall, onLeave, disconnect }: EventStreamOptions,
): ReadableStream<Uint8Array> {
  let next: Promise<IteratorResult<string>> | undefined
  let stalled: NodeJS.Timeout | undefined
  const leave = () => {
    clearTimeout(stalled)
    onLeave()
    events.return?.()?.catch(() => {})
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(stalled)
        next ??= events.next()
        const result = await within(next, keepAlive)
        if (result === undefined) controller.enqueue(utf8.encode(comment))
        else {
          next = undefined
          if (result.done) return controller.close()
          controller.enqueue(utf8.encode(event(result.value)))
        }
        stalled = setTimeout(() => {
          leave()
          if (disconnect) disconnect()
          else controller.error(new Error('the client reads nothing'))
        }, stall)
      },
      cancel: leave,
    },
    new CountQueuingStrategy({ highWaterMark: 0 }),
  )
}

/** A promise's value, or undefined where it takes longer. */
async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
