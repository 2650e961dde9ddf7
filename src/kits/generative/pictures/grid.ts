import { InputError, type NDArray } from '../../../engine/index.ts'
import { type Canvas, type Colour, canvas, drawImage, drawText, imageStack, pngBytes } from './canvas.ts'
import { letterHeight, textWidth } from './font.ts'

export interface PictureOptions {
  /** What black and white stand for. Default: [−1, 1]. */
  readonly range?: readonly [number, number]
  /** Screen pixels for each pixel of an image. Default: so that an image is at least 56 high. */
  readonly scale?: number
  /** Pixels between images. Default: 4. */
  readonly gap?: number
  readonly background?: Colour
  readonly ink?: Colour
}

export interface GridOptions extends PictureOptions {
  /** Images a row. Default: as many as make the grid about square. */
  readonly columns?: number
  /** Written below each image, in ASCII and σ ε → ± ×. */
  readonly labels?: readonly string[]
}

/** How a picture of images is laid out. */
export interface Layout {
  readonly scale: number
  readonly gap: number
  readonly background: Colour
  readonly ink: Colour
  readonly range: readonly [number, number]
}

export const layoutOf = (
  height: number,
  { range = [-1, 1], scale, gap = 4, background = [255, 255, 255], ink = [40, 40, 40] }: PictureOptions,
): Layout => {
  const chosen = scale ?? Math.max(1, Math.ceil(56 / height))
  if (!Number.isInteger(chosen) || chosen < 1 || !Number.isInteger(gap) || gap < 0)
    throw new InputError(`a scale of ${chosen} with gaps of ${gap} is not in whole pixels`)
  return { range, scale: chosen, gap, background, ink }
}

/** Room for a line of text under an image. */
export const lineHeight = letterHeight + 4

/**
 * Images [n, channels, height, width] or [n, height, width] as one PNG. The same images give the same bytes with one version of the encoder.
 *
 * @throws InputError for what are no images, or labels that are not one an image.
 * @example
 * import { writeFileSync } from 'node:fs'
 *
 * const images = { data: Float32Array.of(-1, 1, 1, -1), shape: [1, 1, 2, 2], dtype: 'float32' } as const
 * writeFileSync('grid.png', await imageGrid(images, { labels: ['7'] }))
 */
export async function imageGrid(images: NDArray, options: GridOptions = {}): Promise<Uint8Array> {
  return pngBytes(drawGrid(images, options))
}

/** The grid as pixels. */
export function drawGrid(images: NDArray, { columns, labels, ...options }: GridOptions = {}): Canvas {
  const stack = imageStack(images, options.range ?? [-1, 1])
  const { scale, gap, background, ink } = layoutOf(stack.height, options)
  if (labels && labels.length !== stack.count) throw new InputError(`${labels.length} labels do not go with ${stack.count} images`)
  const across = Math.min(columns ?? Math.ceil(Math.sqrt(stack.count)), stack.count)
  if (!Number.isInteger(across) || across < 1) throw new InputError(`${columns} images cannot stand in a row`)
  const down = Math.ceil(stack.count / across)
  const [cellWidth, cellHeight] = [stack.width * scale, stack.height * scale + (labels ? lineHeight : 0)]
  const on = canvas(gap + across * (cellWidth + gap), gap + down * (cellHeight + gap), background)
  for (let i = 0; i < stack.count; i++) {
    const place = { x: gap + (i % across) * (cellWidth + gap), y: gap + Math.floor(i / across) * (cellHeight + gap) }
    drawImage(on, stack, i, place, scale)
    if (!labels) continue
    const left = Math.max(0, Math.floor((cellWidth - textWidth(labels[i])) / 2))
    drawText(on, labels[i], { x: place.x + left, y: place.y + stack.height * scale + 2 }, { colour: ink, width: cellWidth })
  }
  return on
}
