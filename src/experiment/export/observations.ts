import { createReadStream, existsSync, statSync } from 'node:fs'
import { asInputError } from '../run/disk.ts'
import type { Observation } from '../run/metrics.ts'

export interface ObservationBatch {
  readonly observations: readonly Observation[]
  /** How much of the file is read, from 0 to 1. */
  readonly fraction: number
}

/** All whole lines of a metrics.jsonl, in pieces of bounded size: a file of any length is read without being held. A torn line is skipped. */
export async function* readObservations(path: string, chunkBytes = 2 ** 18): AsyncGenerator<ObservationBatch> {
  if (!existsSync(path)) return
  const { size } = statSync(path)
  let [rest, read] = ['', 0]
  try {
    for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: chunkBytes })) {
      const text = rest + chunk
      const end = text.lastIndexOf('\n') + 1
      rest = text.slice(end)
      read += Buffer.byteLength(chunk)
      yield { observations: parsed(text.slice(0, end)), fraction: Math.min(1, read / size) }
    }
  } catch (error) {
    throw asInputError(error, path)
  }
  yield { observations: parsed(rest), fraction: 1 }
}

const parsed = (lines: string): Observation[] => lines.split('\n').flatMap((line) => observation(line) ?? [])

function observation(line: string): Observation | undefined {
  try {
    const found = JSON.parse(line) as Observation
    return typeof found?.unit === 'string' && typeof found.name === 'string' && typeof found.step === 'number' ? found : undefined
  } catch {
    return undefined
  }
}

/** What is not finite has no JSON and is stored as null. */
export const numberOf = ({ value }: Pick<Observation, 'value'>): number => value ?? Number.NaN
