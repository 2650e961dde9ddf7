import { take } from '../../data/index.ts'
import type { NDArray } from '../../engine/index.ts'
import type { Denoiser } from '../../kits/diffusion/index.ts'
import type { ImageRow } from '../../kits/generative/index.ts'
import { type ReturnOptions, uTurn } from './u-turn.ts'

/** Examples that are shown, and levels at most. */
const [shown, mostLevels] = [10, 5] as const

/** Rows of a picture: x₀, and for each σ what it became and what came back. */
export async function turnRows(
  denoiser: Denoiser,
  x: NDArray,
  { sigmas, ...options }: ReturnOptions & { readonly sigmas: readonly number[] },
): Promise<ImageRow[]> {
  const some = take({ x }, shown).x
  const rows: ImageRow[] = [{ label: 'x0', images: some }]
  for (const sigma of spread(sigmas)) {
    const { xu, y0 } = await uTurn(denoiser, some, { ...options, sigma })
    rows.push({ label: `σ ${sigma.toPrecision(2)}: xu`, images: xu }, { label: 'y0', images: y0 })
  }
  return rows
}

/** Some of them, from the least to the most. */
function spread(sigmas: readonly number[]): number[] {
  const sorted = [...sigmas].sort((a, b) => a - b)
  const count = Math.min(mostLevels, sorted.length)
  return Array.from({ length: count }, (_, i) => sorted[Math.round(count === 1 ? 0 : (i * (sorted.length - 1)) / (count - 1))])
}
