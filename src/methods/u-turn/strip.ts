import type { NDArray } from '../../engine/index.ts'
import type { Denoiser } from '../../kits/diffusion/index.ts'
import type { ImageRow } from '../../kits/generative/index.ts'
import { type ReturnOptions, uTurn } from './u-turn.ts'

/** Rows of a picture: x₀, and for each σ, rising, what it became and what came back. */
export async function turnRows(
  denoiser: Denoiser,
  x0: NDArray,
  { sigmas, ...options }: ReturnOptions & { readonly sigmas: readonly number[] },
): Promise<ImageRow[]> {
  const rows: ImageRow[] = [{ label: 'x0', images: x0 }]
  for (const sigma of [...sigmas].sort((a, b) => a - b)) {
    const { xu, y0 } = await uTurn(denoiser, x0, { ...options, sigma })
    rows.push({ label: `σ ${sigma.toPrecision(2)}: xu`, images: xu }, { label: 'y0', images: y0 })
  }
  return rows
}
