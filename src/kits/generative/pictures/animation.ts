import { loadSharp } from '../../../data/sharp.ts'
import { InputError, type NDArray } from '../../../engine/index.ts'
import { drawGrid, type GridOptions } from './grid.ts'
import { requireAlikeStates } from './rows.ts'

export interface AnimationOptions extends GridOptions {
  /** Default: `'webp'`, lossless; GIF has at most 256 colours a frame. */
  readonly format?: 'webp' | 'gif'
  /** Milliseconds a frame. Default: 100. */
  readonly delay?: number
  /** Of the last frame. Default: 1,000. */
  readonly hold?: number
}

/**
 * States of samples [n, ...image] as an animated picture of grids, from the first state to the last, endlessly. APNG is not offered: the encoder does not
 * write it.
 *
 * @throws InputError for states of unlike shapes.
 * @example
 * const state = { data: Float32Array.of(-1, 1, 1, -1), shape: [1, 1, 2, 2], dtype: 'float32' } as const
 * const webp = await animation([state, { ...state, data: Float32Array.of(1, -1, -1, 1) }])
 */
export async function animation(states: readonly NDArray[], options: AnimationOptions = {}): Promise<Uint8Array> {
  const { format = 'webp', delay = 100, hold = 1000, ...grid } = options
  requireAlikeStates(states)
  if (!(delay >= 10 && hold >= 10))
    throw new InputError(`frames of ${delay} and ${hold} ms are too short to be shown`, { fix: 'give at least 10' })
  const frames = states.map((state) => drawGrid(state, grid))
  const [{ width, height }] = frames
  const pixels = new Uint8Array(frames.length * width * height * 3)
  for (const [k, frame] of frames.entries()) pixels.set(frame.pixels, k * frame.pixels.length)
  const image = loadSharp()(pixels, {
    raw: { width, height: height * frames.length, channels: 3, pageHeight: height },
    limitInputPixels: false,
  })
  const timing = { loop: 0, delay: frames.map((_, k) => (k === frames.length - 1 ? hold : delay)) }
  const encoded = format === 'gif' ? image.gif(timing) : image.webp({ ...timing, lossless: true })
  return new Uint8Array(await encoded.toBuffer())
}
