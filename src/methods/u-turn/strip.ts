import { take } from '../../data/index.ts'
import type { ImageRow } from '../../kits/generative/index.ts'
import type { Bench } from './analyse.ts'
import { uTurn } from './u-turn.ts'

/** Examples that are shown, and σ. */
const [shown, sigmas] = [10, [0.5, 1, 2, 6]] as const

/** Rows of a picture: x₀, and for each σ what it became and what came back. */
export async function turnRows({ denoiser, x0, options }: Pick<Bench, 'denoiser' | 'x0' | 'options'>): Promise<ImageRow[]> {
  const some = take({ x: x0 }, shown).x
  const rows: ImageRow[] = [{ label: 'x0', images: some }]
  for (const sigma of sigmas) {
    const { xu, y0 } = await uTurn(denoiser, some, { ...options, sigma, seed: options.seeds[0] })
    rows.push({ label: `σ ${sigma}: xu`, images: xu }, { label: 'y0', images: y0 })
  }
  return rows
}
