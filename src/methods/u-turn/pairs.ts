import { type NDArray, ndarray } from '../../engine/index.ts'
import type { CopyDetector } from '../../kits/generative/index.ts'

export interface Provenance {
  /** Share of samples whose nearest real example is the one that they started from. */
  readonly self: number
  /** Share of samples closer to a real example than half of the median distance of real neighbours. */
  readonly copyRate: number
  /** Share of samples farther from their nearest real example than that one is from its nearest other. */
  readonly authenticity: number
}

/**
 * Where samples come from.
 *
 * @param started Which of the detector's examples each sample started from.
 */
export async function provenanceOf(samples: NDArray, real: CopyDetector, started: ArrayLike<number>): Promise<Provenance> {
  const { copyRate, authenticity, nearest } = await real.judge(samples)
  const found = nearest.indices.reduce((count, index, i) => count + Number(index === started[i]), 0)
  return { self: found / nearest.indices.length, copyRate, authenticity }
}

/** Each row at the place of the next: pairs with it are no pairs any more. */
export function shiftedRows({ shape, dtype, data }: NDArray): NDArray {
  const size = data.length / shape[0]
  const out = data.slice()
  out.copyWithin(size, 0)
  out.set(data.subarray(data.length - size) as never, 0)
  return ndarray(out, shape, dtype)
}
