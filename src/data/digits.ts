import { type NDArray, ndarray } from '../engine/array.ts'
import { InputError } from '../engine/errors.ts'
import { foldKey } from '../engine/threefry.ts'
import { type Draws, draws, seedKey, uses } from './draws.ts'

/*
 * Handwriting-like digits for where MNIST cannot be had. Each digit is a pen's path through a few control points (several styles a digit), drawn after
 * a random distortion of the points, a random affine map and with a random pen; the styles of different digits come close to each other (an open 9 and
 * a 4, a 1 with a foot and a 2, a flat-topped 3 and 5), so that no simple rule separates them. Like MNIST, most of the border is exactly 0.
 */

type Point = readonly [x: number, y: number]
/** A smooth curve through points, or straight lines between them. */
interface Stroke {
  readonly smooth: boolean
  readonly points: readonly Point[]
}

const side = 28

const curve = (...points: Point[]): Stroke => ({ smooth: true, points })
const line = (...points: Point[]): Stroke => ({ smooth: false, points })
const ring = (x: number, y: number, rx: number, ry: number, from = 0, turn = 1): Stroke => {
  const angle = (i: number) => 2 * Math.PI * (from + (turn * i) / 10)
  return curve(...Array.from({ length: 11 }, (_, i): Point => [x + rx * Math.sin(angle(i)), y - ry * Math.cos(angle(i))]))
}

/** Styles of the ten digits in a unit square, y downwards. */
const styles: readonly (readonly (readonly Stroke[])[])[] = [
  [[ring(0.5, 0.5, 0.28, 0.45)], [ring(0.5, 0.5, 0.38, 0.4, 0.08)], [ring(0.5, 0.5, 0.22, 0.44, 0.05, 0.94)]],
  [
    [line([0.5, 0.05], [0.5, 0.95])],
    [line([0.32, 0.25], [0.52, 0.06], [0.52, 0.95])],
    [line([0.32, 0.25], [0.5, 0.06], [0.5, 0.94]), line([0.26, 0.94], [0.74, 0.94])],
  ],
  [
    [curve([0.2, 0.28], [0.45, 0.05], [0.76, 0.26], [0.55, 0.6], [0.18, 0.93]), line([0.18, 0.93], [0.84, 0.93])],
    [curve([0.2, 0.22], [0.55, 0.05], [0.74, 0.3], [0.5, 0.65], [0.24, 0.9], [0.18, 0.78], [0.42, 0.78], [0.84, 0.94])],
  ],
  [
    [curve([0.2, 0.15], [0.5, 0.05], [0.74, 0.24], [0.46, 0.47]), curve([0.46, 0.47], [0.8, 0.68], [0.55, 0.94], [0.18, 0.86])],
    [line([0.2, 0.07], [0.76, 0.07], [0.46, 0.42]), curve([0.46, 0.42], [0.8, 0.62], [0.62, 0.92], [0.2, 0.9])],
  ],
  [
    [line([0.3, 0.08], [0.2, 0.56], [0.8, 0.56]), line([0.66, 0.08], [0.64, 0.95])],
    [line([0.6, 0.06], [0.16, 0.62], [0.84, 0.62]), line([0.62, 0.06], [0.62, 0.95])],
    [curve([0.26, 0.1], [0.22, 0.4], [0.45, 0.52], [0.7, 0.42]), line([0.74, 0.08], [0.66, 0.95])],
  ],
  [
    [line([0.76, 0.07], [0.32, 0.08], [0.28, 0.45]), curve([0.28, 0.45], [0.6, 0.4], [0.78, 0.66], [0.58, 0.92], [0.2, 0.88])],
    [curve([0.74, 0.08], [0.4, 0.12], [0.28, 0.4], [0.62, 0.46], [0.7, 0.76], [0.2, 0.92])],
  ],
  [
    [curve([0.66, 0.05], [0.36, 0.3], [0.26, 0.66], [0.48, 0.94], [0.74, 0.74], [0.54, 0.52], [0.28, 0.68])],
    [line([0.4, 0.05], [0.28, 0.6]), ring(0.49, 0.71, 0.22, 0.22, 0.75)],
  ],
  [
    [line([0.2, 0.08], [0.78, 0.08], [0.42, 0.95])],
    [line([0.22, 0.2], [0.24, 0.08], [0.78, 0.08], [0.46, 0.95]), line([0.36, 0.5], [0.74, 0.5])],
    [curve([0.2, 0.16], [0.5, 0.1], [0.76, 0.12], [0.58, 0.5], [0.5, 0.95])],
  ],
  [
    [ring(0.5, 0.27, 0.22, 0.2), ring(0.5, 0.71, 0.26, 0.23)],
    [curve([0.7, 0.14], [0.4, 0.06], [0.34, 0.3], [0.66, 0.62], [0.6, 0.92], [0.3, 0.84], [0.4, 0.54], [0.72, 0.2])],
  ],
  [
    [ring(0.5, 0.3, 0.24, 0.24, 0.25), line([0.74, 0.28], [0.66, 0.95])],
    [curve([0.72, 0.22], [0.44, 0.06], [0.28, 0.32], [0.48, 0.52], [0.72, 0.26]), curve([0.72, 0.26], [0.72, 0.7], [0.32, 0.94])],
    [curve([0.7, 0.14], [0.34, 0.12], [0.3, 0.44], [0.7, 0.42]), line([0.74, 0.12], [0.68, 0.95])],
  ],
]

export interface DigitOptions {
  /** How many images. */
  count: number
  /** A whole number, 0 or more. The images of a smaller `count` are the first ones of a larger. */
  seed: number
}

/**
 * Draws digits of 28 by 28 pixels, a pure function of (seed, index). Not real data: whoever reports a result on them must say so.
 *
 * Images are float32 whole numbers 0 (background) to 255, shape [count, 28, 28]; labels int32, 0 to 9, in random order.
 * @example
 * const { images, labels } = generateDigits({ count: 1000, seed: 0 })
 */
export function generateDigits({ count, seed }: DigitOptions): { images: NDArray; labels: NDArray } {
  if (!Number.isInteger(count) || count < 1)
    throw new InputError(`${count} digits cannot be drawn`, { fix: 'give a whole number, 1 or more' })
  const key = seedKey(seed, uses.digits)
  const images = new Float32Array(count * side * side)
  const labels = new Int32Array(count)
  for (let i = 0; i < count; i++) {
    const random = draws(foldKey(key, i))
    labels[i] = random.integer(10)
    drawDigit(images.subarray(i * side * side, (i + 1) * side * side), labels[i], random)
  }
  return { images: ndarray(images, [count, side, side], 'float32'), labels: ndarray(labels, [count], 'int32') }
}

function drawDigit(pixels: Float32Array, digit: number, random: Draws): void {
  const strokes = styles[digit][random.integer(styles[digit].length)]
  const place = randomPlacement(random)
  const pen = random.uniform(0.8, 1.9)
  const ink = random.uniform(0.75, 1)
  for (const { smooth, points } of strokes) {
    const wobbled = points.map(([x, y]): Point => [x + 0.035 * random.normal(), y + 0.035 * random.normal()])
    const path = (smooth ? smoothed(wobbled) : wobbled).map(place)
    for (let i = 1; i < path.length; i++) drawLine(pixels, path[i - 1], path[i], pen)
  }
  // The paper's grain: only where there is ink, so that the background stays exactly 0.
  for (let i = 0; i < pixels.length; i++) {
    if (pixels[i] > 0) pixels[i] = Math.round(255 * Math.min(1, Math.max(0, ink * pixels[i] + 0.05 * pixels[i] * random.normal())))
  }
}

/** From the unit square to pixels: slant, rotation, size and place at random, all within the image. */
function randomPlacement(random: Draws): (point: Point) => Point {
  const angle = 0.16 * random.normal()
  const slant = 0.22 * random.normal()
  const height = random.uniform(15, 20)
  const width = height * random.uniform(0.65, 1.05)
  const [centreX, centreY] = [13.5 + 0.9 * random.normal(), 13.5 + 0.9 * random.normal()]
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  return ([u, v]) => {
    const y = (v - 0.5) * height
    const x = (u - 0.5) * width - slant * y
    return [centreX + cos * x - sin * y, centreY + sin * x + cos * y]
  }
}

/** A Catmull-Rom curve through the points, as short lines. */
function smoothed(points: readonly Point[]): Point[] {
  const at = (i: number) => points[Math.min(points.length - 1, Math.max(0, i))]
  const path: Point[] = [points[0]]
  for (let i = 0; i + 1 < points.length; i++) {
    for (const t of [0.25, 0.5, 0.75, 1]) {
      const along = (axis: 0 | 1) => catmullRom(at(i - 1)[axis], at(i)[axis], at(i + 1)[axis], at(i + 2)[axis], t)
      path.push([along(0), along(1)])
    }
  }
  return path
}

const catmullRom = (a: number, b: number, c: number, d: number, t: number): number =>
  b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))

/** Ink of a round pen along a line; where strokes cross, the darker counts. */
function drawLine(pixels: Float32Array, [x0, y0]: Point, [x1, y1]: Point, pen: number): void {
  const reach = pen + 0.6
  const clip = (value: number) => Math.min(side - 1, Math.max(0, value))
  const lengthSquared = (x1 - x0) ** 2 + (y1 - y0) ** 2
  for (let y = clip(Math.ceil(Math.min(y0, y1) - reach)); y <= clip(Math.max(y0, y1) + reach); y++) {
    for (let x = clip(Math.ceil(Math.min(x0, x1) - reach)); x <= clip(Math.max(x0, x1) + reach); x++) {
      const t = lengthSquared > 0 ? Math.min(1, Math.max(0, ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / lengthSquared)) : 0
      const distance = Math.hypot(x - x0 - t * (x1 - x0), y - y0 - t * (y1 - y0))
      const ink = Math.min(1, Math.max(0, (reach - distance) / 1.2))
      if (ink > pixels[y * side + x]) pixels[y * side + x] = ink
    }
  }
}
