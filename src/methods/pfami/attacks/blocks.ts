import { fromArray, type NDArray, ndarray, sizeOf, type Tensor } from '../../../engine/index.ts'

/** Rows of a graph on records alone; the last block is filled up, so that a record's numbers do not depend on the others. */
export const blockRows = 64

/** What a function finds of each record [n, ...shape], block by block. */
export async function overBlocks<T extends Record<string, Tensor>>(
  records: NDArray,
  of: (block: Tensor) => Promise<T> | T,
  progress?: (done: number, total: number) => Promise<void>,
): Promise<Record<keyof T, Float64Array>> {
  const [n, ...shape] = records.shape
  const size = sizeOf(shape)
  const found: Record<string, Float64Array> = {}
  for (let first = 0; first < n; first += blockRows) {
    const count = Math.min(blockRows, n - first)
    const block = new Float32Array(blockRows * size)
    block.set(records.data.subarray(first * size, (first + count) * size) as Float32Array)
    for (let i = count; i < blockRows; i++) block.copyWithin(i * size, 0, size)
    const results = await of(fromArray(ndarray(block, [blockRows, ...shape], 'float32')))
    for (const [name, value] of Object.entries(results)) {
      found[name] ??= new Float64Array(n)
      found[name].set((await value.data()).subarray(0, count) as Float32Array, first)
    }
    await progress?.(first + count, n)
  }
  return found as Record<keyof T, Float64Array>
}
