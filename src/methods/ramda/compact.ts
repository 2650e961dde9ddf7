import { type NDArray, ndarray, sizeOf } from '../../engine/index.ts'

/** One layer's weight [out, in, ...window] and bias [out]. */
export interface LayerArrays {
  readonly weight: NDArray
  readonly bias: NDArray
}

export interface Compacted {
  readonly layers: readonly LayerArrays[]
  /** Which input features (or channels) the small model still reads, by their old numbers. */
  readonly keptInputs: readonly number[]
  /** Units removed from each layer's output. */
  readonly removedUnits: readonly number[]
}

/**
 * Cuts a chain of layers down to what has an effect. A unit whose outgoing weights are all exactly zero adds zero, whatever its own weights
 * and bias are, so it is removed together with its row; that may leave columns of its own layer empty, hence from the last layer to the
 * first. The small model computes the same function.
 *
 * @example
 * const array = (data: number[], ...shape: number[]) => ({ data: Float32Array.from(data), shape, dtype: 'float32' }) as const
 * const layers = [
 *   { weight: array([1, 1, 1, 1], 2, 2), bias: array([0, 0], 2) },
 *   { weight: array([1, 0], 1, 2), bias: array([0], 1) }, // nothing leaves the second unit
 * ]
 * compact(layers).removedUnits // [1, 0]
 */
export function compact(layers: readonly LayerArrays[]): Compacted {
  const small = [...layers]
  const removedUnits = layers.map(() => 0)
  for (let i = layers.length - 1; i > 0; i--) {
    const units = small[i - 1].weight.shape[0]
    // After flattening, a channel feeds a block of columns.
    const block = small[i].weight.shape[1] / units
    const kept = indices(units).filter((unit) => indices(block).some((k) => !isZeroInput(small[i].weight, unit * block + k)))
    const alive = kept.length > 0 ? kept : [0]
    removedUnits[i - 1] = units - alive.length
    small[i] = {
      ...small[i],
      weight: keepInputs(
        small[i].weight,
        alive.flatMap((unit) => indices(block).map((k) => unit * block + k)),
      ),
    }
    small[i - 1] = { weight: keepOutputs(small[i - 1].weight, alive), bias: keepOutputs(small[i - 1].bias, alive) }
  }
  const first = small[0].weight
  const used = indices(first.shape[1]).filter((input) => !isZeroInput(first, input))
  const keptInputs = used.length > 0 ? used : [0]
  small[0] = { ...small[0], weight: keepInputs(first, keptInputs) }
  return { layers: small, keptInputs, removedUnits }
}

const indices = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

/** Whether nothing leaves input `input`: exact zeros only. */
function isZeroInput({ data, shape }: NDArray, input: number): boolean {
  const window = sizeOf(shape.slice(2))
  for (let out = 0; out < shape[0]; out++) {
    const start = (out * shape[1] + input) * window
    for (let k = start; k < start + window; k++) if (data[k] !== 0) return false
  }
  return true
}

function keepOutputs({ data, shape, dtype }: NDArray, kept: readonly number[]): NDArray {
  const row = sizeOf(shape.slice(1))
  const result = new Float32Array(kept.length * row)
  kept.forEach((out, i) => {
    result.set(data.subarray(out * row, (out + 1) * row), i * row)
  })
  return ndarray(result, [kept.length, ...shape.slice(1)], dtype)
}

function keepInputs({ data, shape, dtype }: NDArray, kept: readonly number[]): NDArray {
  const window = sizeOf(shape.slice(2))
  const result = new Float32Array(shape[0] * kept.length * window)
  for (let out = 0; out < shape[0]; out++) {
    kept.forEach((input, i) => {
      const from = (out * shape[1] + input) * window
      result.set(data.subarray(from, from + window), (out * kept.length + i) * window)
    })
  }
  return ndarray(result, [shape[0], kept.length, ...shape.slice(2)], dtype)
}
