/** What the header of a safetensors file says of a tensor. */
export interface TensorFact {
  readonly name: string
  readonly dtype: string
  readonly shape: readonly number[]
}

/** The longest header that is read. */
const longest = 4 * 2 ** 20

/** Bytes of the header, from the first eight of a file; undefined where that can be no safetensors file. */
export function headerLength(bytes: ArrayBuffer): number | undefined {
  if (bytes.byteLength < 8) return undefined
  const length = Number(new DataView(bytes).getBigUint64(0, true))
  return length >= 2 && length <= longest ? length : undefined
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** The tensors that a header names, in its order; undefined where it is none. */
export function tensorsIn(header: string): TensorFact[] | undefined {
  try {
    const entries = Object.entries(JSON.parse(header) as Record<string, { dtype?: unknown; shape?: unknown }>)
    return entries.flatMap(([name, entry]) => {
      const { dtype, shape } = entry ?? {}
      if (name === '__metadata__' || typeof dtype !== 'string' || !Array.isArray(shape) || !shape.every(isSize)) return []
      return [{ name, dtype, shape }]
    })
  } catch {
    return undefined
  }
}

export const elementsOf = ({ shape }: TensorFact): number => shape.reduce((product, size) => product * size, 1)
