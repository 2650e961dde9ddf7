import fc from 'fast-check'
import { tryCase } from './case.ts'
import { damaged } from './mutate.ts'
import type { Reader } from './readers.ts'

export interface Campaign {
  readonly reader: string
  readonly cases: number
  /** How many were refused; the others were read. */
  readonly refused: number
  readonly slowest: number
  /** Most bytes that one case took. */
  readonly grown: number
  /** The smallest file found that the reader does not take as it should. */
  readonly found?: { readonly bytes: Uint8Array; readonly error: string }
}

/** Tries a reader with so many damaged files; the same seed damages them in the same way. `watch` sees each before it is read. */
export async function campaign(
  reader: Reader,
  { cases, seed, watch = () => {} }: { cases: number; seed: number; watch?: (bytes: Uint8Array) => void },
): Promise<Campaign> {
  const seen = { refused: 0, slowest: 0, grown: 0 }
  const attempt = async (bytes: Uint8Array) => {
    watch(bytes)
    // What a weak reference was made to or asked for lives until the event loop turns, which reading alone never lets it.
    await new Promise((resolve) => setImmediate(resolve))
    const { refused, seconds, grown } = await tryCase(reader, bytes)
    if (refused) seen.refused++
    seen.slowest = Math.max(seen.slowest, seconds)
    seen.grown = Math.max(seen.grown, grown)
  }
  const good = await reader.good()
  for (const bytes of good) if ((await tryCase(reader, bytes)).refused) throw new Error(`${reader.name} refuses a good file`)
  const outcome = await fc.check(fc.asyncProperty(damaged(good, reader), attempt), { numRuns: cases, seed })
  const bytes = outcome.counterexample?.[0]
  const found = bytes && { bytes, error: String((outcome.errorInstance as Error)?.stack ?? outcome.errorInstance) }
  return { reader: reader.name, cases: outcome.numRuns, ...seen, found }
}
