import { loadTrainingImages, rows, type TrainingImages } from '../../data/index.ts'
import { InputError } from '../../engine/index.ts'
import type { Measured, TrainingData } from '../../kits/diffusion/index.ts'

/** Options that read images. */
export interface ImageChoice {
  readonly data: string
  readonly size?: number
  readonly grey: boolean
  readonly skipDamaged: boolean
  /** Least and most of arrays of floats. */
  readonly range?: readonly number[]
}

/** The images that the options mean, scaled to −1 … 1. */
export const readImages = ({ data, size, grey, skipDamaged, range }: ImageChoice, log: (line: string) => void): Promise<TrainingImages> =>
  loadTrainingImages(data, {
    size,
    ...(grey && { channels: 1 }),
    ...(range && { range: [range[0], range[1]] }),
    damaged: skipDamaged ? 'skip' : 'refuse',
    log,
  })

/** Every so many-th image is kept back: the split is one of places, so that every command finds the same. */
export function split({ x, labels }: TrainingImages, every: number): { train: TrainingData; heldOut: TrainingData } {
  const n = x.shape[0]
  if (n < 2 * every)
    throw new InputError(`${n} images are too few to keep every ${every}-th back`, { fix: 'give more images, or a smaller --keep-every' })
  const all = Array.from({ length: n }, (_, i) => i)
  const part = (keep: (i: number) => boolean): TrainingData => rows({ x, ...(labels && { labels }) }, all.filter(keep)) as TrainingData
  return { train: part((i) => i % every !== 0), heldOut: part((i) => i % every === 0) }
}

/** What is said of errors by level of noise. */
export const errorLines = ({ train, heldOut }: Measured): string[] => [
  'mean squared error of the clean image by level of noise, in training / held out:',
  ...heldOut.map(({ sigma, x0, x0Error }, i) => {
    const held = `${x0.toExponential(2)} ± ${(2 * x0Error).toExponential(1)}`
    return `  σ ${sigma.toPrecision(3).padEnd(8)} ${train[i].x0.toExponential(2)} / ${held}`
  }),
]
