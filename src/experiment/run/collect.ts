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

/** When it was last asked for, in milliseconds. */
let last = Number.NEGATIVE_INFINITY

/** The same, at most once a second: it takes a tenth of one, and units that are over sooner leave little behind. */
export function collectNowAndThen(): void {
  if (performance.now() - last < 1000) return
  collect()
  last = performance.now()
}
