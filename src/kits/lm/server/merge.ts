/** What one of several sources gave. */
export interface Merged<T> {
  readonly index: number
  readonly value: T
}

type Answer<T> = { readonly index: number } & ({ readonly result: IteratorResult<T> } | { readonly error: unknown })

/**
 * Several sources as one, in the order in which their values come. Nothing is asked for that the consumer has not room for: of each source at most one
 * value waits. The first error, or the signal, ends all of them.
 */
export async function* merged<T>(sources: readonly AsyncIterable<T>[], signal: AbortSignal): AsyncGenerator<Merged<T>> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]())
  const answers: Answer<T>[] = []
  let wake = () => {}
  const notify = () => wake()
  const come = (answer: Answer<T>) => {
    answers.push(answer)
    wake()
  }
  // Not Promise.race: what waits long would collect a handler for every value of the others.
  const ask = (index: number) => {
    iterators[index].next().then(
      (result) => come({ index, result }),
      (error) => come({ index, error }),
    )
  }
  signal.addEventListener('abort', notify)
  try {
    for (let index = 0; index < iterators.length; index++) ask(index)
    for (let open = iterators.length; open > 0; ) {
      signal.throwIfAborted()
      const answer = answers.shift()
      if (!answer) {
        await new Promise<void>((resolve) => (wake = resolve))
        continue
      }
      if ('error' in answer) throw answer.error
      if (answer.result.done) open--
      else {
        yield { index: answer.index, value: answer.result.value }
        ask(answer.index)
      }
    }
  } finally {
    signal.removeEventListener('abort', notify)
    // Not awaited: a source in the middle of a step hears of it when the step ends.
    for (const iterator of iterators) iterator.return?.()?.catch(() => {})
  }
}
