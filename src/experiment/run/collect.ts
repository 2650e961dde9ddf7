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
