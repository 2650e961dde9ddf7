import { type NDArray, sizeOf } from '../engine/array.ts'

/**
 * How many rows of `others` [m, ...] equal a row of `rows` [n, ...] in every value: what a model that memorises would get right without having learnt.
 * 0 where the rows have different sizes.
 * @example
 * const rows = (...data: number[]) => ({ data: Float32Array.from(data), shape: [data.length / 2, 2], dtype: 'float32' }) as const
 * exactDuplicates(rows(1, 2, 3, 4), rows(3, 4, 5, 6)) // 1
 */
export function exactDuplicates(rows: NDArray, others: NDArray): number {
  const width = sizeOf(rows.shape.slice(1))
  if (sizeOf(others.shape.slice(1)) !== width) return 0
  const known = new Map<number, number[]>()
  for (let row = 0; row < rows.shape[0]; row++) {
    const hash = hashOf(rows.data, row * width, width)
    const same = known.get(hash)
    if (same) same.push(row)
    else known.set(hash, [row])
  }
  let count = 0
  for (let row = 0; row < others.shape[0]; row++) {
    const candidates = known.get(hashOf(others.data, row * width, width)) ?? []
    if (candidates.some((candidate) => equalAt(rows.data, candidate * width, others.data, row * width, width))) count++
  }
  return count
}

const words = new Int32Array(2)
const number = new Float64Array(words.buffer)

/** FNV-1a over the two halves of each number; 0 and −0 are one value. */
function hashOf(data: ArrayLike<number>, begin: number, width: number): number {
  let hash = 0x811c9dc5
  for (let i = begin; i < begin + width; i++) {
    number[0] = data[i] + 0
    hash = Math.imul(Math.imul(hash ^ words[0], 0x01000193) ^ words[1], 0x01000193)
  }
  return hash
}

function equalAt(a: ArrayLike<number>, at: number, b: ArrayLike<number>, from: number, width: number): boolean {
  for (let i = 0; i < width; i++) if (a[at + i] !== b[from + i]) return false
  return true
}
