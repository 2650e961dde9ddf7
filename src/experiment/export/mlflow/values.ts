/* What an MLflow server takes (mlflow/utils/validation.py): names, lengths, and how much in one call. */

export interface Metric {
  readonly key: string
  readonly value: number | string
  /** Milliseconds since 1970. */
  readonly timestamp: number
  readonly step: number
}

export interface Entry {
  readonly key: string
  readonly value: string
}

export const limits = { metrics: 1000, params: 100, tags: 100, paramLength: 6000, tagLength: 5000, keyLength: 250 } as const

/** Of one call, with room for what stands around the entries; the server takes 1,000,000. */
const callBytes = 900_000

/** At most `length` characters; what is cut says so. */
export function shortened(text: string, length: number): string {
  if (text.length <= length) return text
  const mark = `… (${text.length} characters)`
  return `${text.slice(0, length - mark.length)}${mark}`
}

/** Names may hold letters, digits, `_ - . : /` and spaces; anything else becomes `_`. */
export const keyOf = (name: string): string => name.replace(/[^\w\-. :/]/g, '_').slice(0, limits.keyLength)

/** JSON has no NaN and no infinity; MLflow takes their names. */
export const metric = (name: string, value: number, timestamp: number, step: number): Metric => ({
  key: keyOf(name),
  value: Number.isFinite(value) ? value : String(value),
  timestamp: Math.round(timestamp),
  step: Math.round(step),
})

export const param = (name: string, value: unknown): Entry => ({ key: keyOf(name), value: shortened(String(value), limits.paramLength) })

export const tag = (key: string, value: string): Entry => ({ key, value: shortened(value, limits.tagLength) })

/** Parts of at most `count` entries, small enough for a call. */
export function parts<T>(entries: readonly T[], count: number): T[][] {
  const found: T[][] = []
  let bytes = callBytes
  for (const entry of entries) {
    const size = Buffer.byteLength(JSON.stringify(entry)) + 1
    if (bytes + size > callBytes || found.at(-1)!.length === count) {
      found.push([])
      bytes = 0
    }
    found.at(-1)!.push(entry)
    bytes += size
  }
  return found
}
