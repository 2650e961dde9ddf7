import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collector: (() => void) | undefined

/**
 * Frees the memory of compiled graphs that nobody holds any more. The collector would find them in time, but it does not know how large they are, so
 * that a long run would pile up those of many units.
 */
export function collect(): void {
  if (!collector) {
    setFlagsFromString('--expose-gc')
    collector = runInNewContext('gc') as () => void
  }
  collector()
}

/** Does something when it is called, unless it did so less than `milliseconds` ago. */
export function atMostEvery(milliseconds: number, act: () => void): () => void {
  let last = Number.NEGATIVE_INFINITY
  return () => {
    if (performance.now() - last < milliseconds) return
    act()
    last = performance.now()
  }
}

/** It takes a tenth of a second, and units that are over in less than one leave little behind. */
export const collectNowAndThen = atMostEvery(1000, collect)
