import type { NDArray } from '../../../engine/index.ts'
import { ndarray } from '../../../engine/index.ts'
import { readSafetensors } from '../../../engine/safetensors.ts'

/** What stands behind a matrix's name where its scales do: `scripts/lab-models/pack.mjs` writes them. */
const scaleSuffix = ':scale'

export interface Weights {
  /** float32 */
  readonly tensors: Readonly<Record<string, NDArray>>
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * Weights as the page stores them: floats of 16 bits, and matrices whose entries are whole numbers from −127 to 127 times a scale for each row. The engine
 * computes with float32.
 *
 * @throws InputError for a file that is damaged.
 */
export function readWeights(bytes: Uint8Array, where: string): Weights {
  const { tensors, metadata } = readSafetensors(bytes, where)
  const names = Object.keys(tensors).filter((name) => !name.endsWith(scaleSuffix))
  return { tensors: Object.fromEntries(names.map((name) => [name, scaled(tensors[name], tensors[name + scaleSuffix])])), metadata }
}

function scaled(codes: NDArray, scales: NDArray | undefined): NDArray {
  if (!scales) return codes
  const width = codes.data.length / codes.shape[0]
  const data = Float32Array.from(codes.data as ArrayLike<number>, (code, i) => code * (scales.data[Math.floor(i / width)] as number))
  return ndarray(data, codes.shape, 'float32')
}

/** Tensors whose names begin with `prefix`, without it. */
export const below = (tensors: Weights['tensors'], prefix: string): Record<string, NDArray> =>
  Object.fromEntries(
    Object.entries(tensors).flatMap(([name, array]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), array]] : [])),
  )
