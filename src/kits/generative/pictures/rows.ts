import { rows as rowsOf } from '../../../data/index.ts'
import { InputError, type NDArray } from '../../../engine/index.ts'
import { type Canvas, canvas, drawImage, drawText, imageStack, pngBytes } from './canvas.ts'
import { letterHeight, textWidth } from './font.ts'
import { layoutOf, lineHeight, type PictureOptions } from './grid.ts'

/** Images of one size side by side, with a name at the left. */
export interface ImageRow {
  readonly label: string
  readonly images: NDArray
}

export interface RowsOptions extends PictureOptions {
  /** Written above the columns. */
  readonly columns?: readonly string[]
}

/**
 * Rows of images under each other, each with its name, as PNG: before and after, original and samples, one arm a row.
 *
 * @throws InputError for rows of images of unlike sizes.
 * @example
 * const images = { data: Float32Array.of(-1, 1, 1, -1), shape: [1, 1, 2, 2], dtype: 'float32' } as const
 * const png = await imageRows([{ label: 'before', images }, { label: 'after', images }])
 */
export async function imageRows(rows: readonly ImageRow[], options: RowsOptions = {}): Promise<Uint8Array> {
  return pngBytes(drawRows(rows, options))
}

/** The rows as pixels. */
function drawRows(rows: readonly ImageRow[], { columns = [], ...options }: RowsOptions = {}): Canvas {
  if (rows.length === 0) throw new InputError('there are no rows to draw')
  const stacks = rows.map(({ images }) => imageStack(images, options.range ?? [-1, 1]))
  const [{ height, width }] = stacks
  const other = stacks.findIndex((stack) => stack.height !== height || stack.width !== width)
  if (other >= 0)
    throw new InputError(`images of ${stacks[other].height} by ${stacks[other].width} do not stand beside those of ${height} by ${width}`, {
      where: rows[other].label,
    })
  const { scale, gap, background, ink } = layoutOf(height, options)
  const across = Math.max(...stacks.map(({ count }) => count))
  const left = Math.max(...rows.map(({ label }) => textWidth(label))) + (rows.some(({ label }) => label) ? 2 * gap : gap)
  const top = columns.length > 0 ? lineHeight : 0
  const [cellWidth, cellHeight] = [width * scale, height * scale]
  const on = canvas(left + across * (cellWidth + gap), gap + top + rows.length * (cellHeight + gap), background)
  for (const [j, text] of columns.entries())
    drawText(on, text, { x: left + j * (cellWidth + gap), y: gap }, { colour: ink, width: cellWidth })
  for (const [i, stack] of stacks.entries()) {
    const y = gap + top + i * (cellHeight + gap)
    drawText(on, rows[i].label, { x: gap, y: y + Math.floor((cellHeight - letterHeight) / 2) }, { colour: ink, width: left })
    for (let j = 0; j < stack.count; j++) drawImage(on, stack, j, { x: left + j * (cellWidth + gap), y }, scale)
  }
  return on
}

/**
 * Trajectories of denoising as PNG: a sample a row, a state a column, from noise to image. States are arrays [n, ...image], as a sampler's `keep` gives them.
 *
 * @throws InputError for states of unlike shapes, or names that are not one a state.
 * @example
 * const state = { data: Float32Array.of(-1, 1, 1, -1), shape: [1, 1, 2, 2], dtype: 'float32' } as const
 * const png = await trajectories([state, state], { columns: ['σ=80', 'σ=0'] })
 */
export async function trajectories(states: readonly NDArray[], options: RowsOptions & { samples?: number } = {}): Promise<Uint8Array> {
  const { samples = 8, ...rest } = options
  requireAlikeStates(states)
  if (rest.columns && rest.columns.length !== states.length)
    throw new InputError(`${rest.columns.length} names do not go with ${states.length} states`)
  const count = Math.min(samples, states[0].shape[0])
  return imageRows(
    Array.from({ length: count }, (_, i) => ({ label: '', images: stateRow(states, i) })),
    rest,
  )
}

/** @throws InputError for no states, or states of unlike shapes. */
export function requireAlikeStates(states: readonly NDArray[]): void {
  if (states.length === 0) throw new InputError('there are no states to draw')
  const other = states.find(({ shape }) => shape.join() !== states[0].shape.join())
  if (other) throw new InputError(`states of shape [${other.shape}] do not go with those of [${states[0].shape}]`)
}

/** Sample i in all states, as images. */
function stateRow(states: readonly NDArray[], i: number): NDArray {
  const parts = states.map((x) => rowsOf({ x }, [i]).x)
  const data = new Float32Array(parts.length * parts[0].data.length)
  for (const [k, part] of parts.entries()) data.set(part.data, k * part.data.length)
  return { shape: [states.length, ...states[0].shape.slice(1)], dtype: 'float32', data }
}
