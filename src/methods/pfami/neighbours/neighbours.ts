import { type NDArray, ndarray, sizeOf } from '../../../engine/index.ts'

/** Slightly changed records, at several strengths. */
export interface Neighbours {
  /** Such as `crop`. */
  readonly name: string
  /** One for each neighbour: what a column of a fluctuation matrix is. */
  readonly strengths: readonly number[]
  /** Column of the strength that the paper's code settled on, where it says one. */
  readonly usual: number
  /** Whether neighbours are drawn anew for each row of a matrix (they are then themselves what the mean goes over). */
  readonly perRow?: boolean
  /**
   * Records [n, ...shape] beside their neighbours [n, 1 + strengths, ...shape], the record itself first. What is drawn at random is a function of the
   * record's number and of the row.
   */
  versions(records: NDArray, at: { readonly ids: readonly number[]; readonly row: number }): NDArray
}

/** An image of one example as the functions here see it: planes of height × width. */
export interface Planes {
  readonly channels: number
  readonly height: number
  readonly width: number
}

/** Of examples [channels, height, width], [height, width], or a square as a vector. */
export function planesOf(shape: readonly number[]): Planes | undefined {
  if (shape.length === 3) return { channels: shape[0], height: shape[1], width: shape[2] }
  if (shape.length === 2) return { channels: 1, height: shape[0], width: shape[1] }
  const side = Math.sqrt(sizeOf(shape))
  return shape.length === 1 && Number.isInteger(side) && side > 1 ? { channels: 1, height: side, width: side } : undefined
}

/** Writes the neighbour of one image, all planes one after another, at a strength. */
export type Change = (image: Float32Array, into: Float32Array, strength: number, planes: Planes, record: number) => void

/** Neighbours of images by a change at several strengths. */
export function imageNeighbours(name: string, strengths: readonly number[], usual: number, change: Change): Neighbours {
  return {
    name,
    strengths,
    usual,
    versions({ shape: [n, ...shape], data }, { ids }) {
      const size = sizeOf(shape)
      const planes = planesOf(shape)!
      const count = strengths.length + 1
      const out = new Float32Array(n * count * size)
      for (let i = 0; i < n; i++) {
        const image = data.subarray(i * size, (i + 1) * size) as Float32Array
        out.set(image, i * count * size)
        for (const [j, strength] of strengths.entries()) {
          const begin = (i * count + j + 1) * size
          change(image, out.subarray(begin, begin + size), strength, planes, ids[i])
        }
      }
      return ndarray(out, [n, count, ...shape], 'float32')
    },
  }
}

/** `count` numbers from `from` to `to`. */
export const linspace = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => (count === 1 ? from : from + ((to - from) * i) / (count - 1)))
