import { draws } from '../../../data/draws.ts'
import { foldKey } from '../../../engine/threefry.ts'
import { useKey } from '../noise.ts'
import { type Change, imageNeighbours, linspace, type Neighbours, type Planes } from './neighbours.ts'

/** Where pixel (row, column) of the neighbour is read from in the image, in pixels; fractions are interpolated. */
type Source = (row: number, column: number) => readonly [row: number, column: number]

/** Bilinear reading at real positions of an image, which may have other extents than what is written. Outside, the border's pixels go on, or `outside` stands. */
function read(
  image: Float32Array,
  { channels, height, width }: Planes,
  into: Float32Array,
  size: Planes,
  from: Source,
  outside?: number,
): void {
  const [area, written] = [height * width, size.height * size.width]
  const inside = (value: number, extent: number) => Math.min(Math.max(value, 0), extent - 1)
  for (let row = 0; row < size.height; row++) {
    for (let column = 0; column < size.width; column++) {
      const [y, x] = from(row, column)
      const at = row * size.width + column
      if (outside !== undefined && (y < -0.5 || x < -0.5 || y > height - 0.5 || x > width - 0.5)) {
        for (let c = 0; c < channels; c++) into[c * written + at] = outside
        continue
      }
      const [top, left] = [Math.floor(y), Math.floor(x)]
      const [down, right] = [y - top, x - left]
      const rows = [inside(top, height), inside(top + 1, height)]
      const columns = [inside(left, width), inside(left + 1, width)]
      for (let c = 0; c < channels; c++) {
        const pixel = (r: number, k: number) => image[c * area + rows[r] * width + columns[k]]
        into[c * written + at] =
          (1 - down) * ((1 - right) * pixel(0, 0) + right * pixel(0, 1)) + down * ((1 - right) * pixel(1, 0) + right * pixel(1, 1))
      }
    }
  }
}

/** A centred box of λ times the image's sides, drawn at the image's full size. The box is real-valued: on few pixels, whole ones would make several λ one. */
const cropTo: Change = (image, into, lambda, planes) => {
  const along = (q: number, extent: number) => (extent * (1 - lambda)) / 2 + (q + 0.5) * lambda - 0.5
  read(image, planes, into, planes, (row, column) => [along(row, planes.height), along(column, planes.width)])
}

export interface StrengthOptions {
  readonly from?: number
  readonly to?: number
  readonly count?: number
}

/**
 * Centre crops to λ, resized back: the neighbours of the paper. λ from .95 to .70; the sixth is its λ*.
 *
 * @example
 * crop({ from: 0.9, to: 0.8, count: 2 }).strengths // [0.9, 0.8]
 */
export const crop = ({ from = 0.95, to = 0.7, count = 10 }: StrengthOptions = {}): Neighbours =>
  imageNeighbours('crop', linspace(from, to, count), Math.min(5, count - 1), cropTo)

/** The record itself at every strength: nothing fluctuates. A control. */
export const identity = ({ count = 10 }: StrengthOptions = {}): Neighbours =>
  imageNeighbours('identity', linspace(1, 1, count), Math.min(5, count - 1), (image, into) => into.set(image))

/** Turned about the centre by an angle in degrees; what comes in is black. */
export const rotation = ({ from = 0, to = 90, count = 10 }: StrengthOptions = {}, black = -1): Neighbours =>
  imageNeighbours('rotation', linspace(from, to, count), Math.min(6, count - 1), (image, into, degrees, planes) => {
    const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]
    const [cy, cx] = [(planes.height - 1) / 2, (planes.width - 1) / 2]
    const from: Source = (row, column) => [cy + cos * (row - cy) - sin * (column - cx), cx + sin * (row - cy) + cos * (column - cx)]
    read(image, planes, into, planes, from, black)
  })

/** The corners drawn inwards by up to half of the sides times the strength, by amounts that belong to the record. */
export const perspective = ({ from = 0, to = 1, count = 10 }: StrengthOptions = {}, black = -1): Neighbours =>
  imageNeighbours('perspective', linspace(from, to, count), Math.min(2, count - 1), (image, into, strength, planes, record) => {
    const { height, width } = planes
    const { uniform } = draws(foldKey(useKey(0, 'perspective'), record))
    const moved = [
      [0, 0],
      [0, width - 1],
      [height - 1, 0],
      [height - 1, width - 1],
    ].map(([y, x]) => {
      const inwards = (at: number, extent: number) => at + (at === 0 ? 1 : -1) * uniform() * strength * 0.5 * (extent - 1)
      return [inwards(y, height), inwards(x, width)] as const
    })
    const map = homography(moved, height, width)
    read(image, planes, into, planes, map, black)
  })

/** Made smaller by the factor (means over areas) and large again. From half of the size to a sixteenth, as 64 → 32 … 4 pixels. */
export const downsampling = ({ from = 1 / 2, to = 1 / 16, count = 10 }: StrengthOptions = {}): Neighbours =>
  imageNeighbours('downsampling', linspace(from, to, count), Math.min(9, count - 1), (image, into, factor, planes) => {
    const { channels, height, width } = planes
    const [rows, columns] = [height, width].map((extent) => Math.max(1, Math.round(extent * factor)))
    const small = { channels, height: rows, width: columns }
    const back = (q: number, extent: number, cells: number) => ((q + 0.5) * cells) / extent - 0.5
    read(areaMeans(image, planes, small), small, into, planes, (row, column) => [back(row, height, rows), back(column, width, columns)])
  })

/** The projective map from the image's corners to the moved ones, as where each pixel is read from: the square under the quadrilateral, inverted. */
function homography(corners: readonly (readonly [number, number])[], height: number, width: number): Source {
  // Heckbert's square → quadrilateral, unit square (u along the width, v along the height).
  const [[y0, x0], [y1, x1], [y3, x3], [y2, x2]] = corners
  const [sx, sy] = [x0 - x1 + x2 - x3, y0 - y1 + y2 - y3]
  const [dx1, dx2, dy1, dy2] = [x1 - x2, x3 - x2, y1 - y2, y3 - y2]
  const determinant = dx1 * dy2 - dx2 * dy1
  const g = determinant === 0 ? 0 : (sx * dy2 - dx2 * sy) / determinant
  const h = determinant === 0 ? 0 : (dx1 * sy - sx * dy1) / determinant
  const m = [x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h, 1]
  const cofactor = (a: number, b: number, c: number, d: number) => m[a] * m[d] - m[b] * m[c]
  const inverse = [
    cofactor(4, 5, 7, 8),
    -cofactor(1, 2, 7, 8),
    cofactor(1, 2, 4, 5),
    -cofactor(3, 5, 6, 8),
    cofactor(0, 2, 6, 8),
    -cofactor(0, 2, 3, 5),
    cofactor(3, 4, 6, 7),
    -cofactor(0, 1, 6, 7),
    cofactor(0, 1, 3, 4),
  ]
  return (row, column) => {
    const w = inverse[6] * column + inverse[7] * row + inverse[8]
    const u = (inverse[0] * column + inverse[1] * row + inverse[2]) / w
    const v = (inverse[3] * column + inverse[4] * row + inverse[5]) / w
    return [v * (height - 1), u * (width - 1)]
  }
}

/** Each small pixel is the mean of the area that it covers. */
function areaMeans(image: Float32Array, { channels, height, width }: Planes, small: Planes): Float32Array {
  const out = new Float32Array(channels * small.height * small.width)
  const share = (cell: number, cells: number, at: number, extent: number) =>
    Math.max(0, Math.min(((cell + 1) * extent) / cells, at + 1) - Math.max((cell * extent) / cells, at))
  for (let c = 0; c < channels; c++)
    for (let row = 0; row < small.height; row++)
      for (let column = 0; column < small.width; column++) {
        let [sum, total] = [0, 0]
        for (let y = Math.floor((row * height) / small.height); y < Math.min(height, Math.ceil(((row + 1) * height) / small.height)); y++)
          for (
            let x = Math.floor((column * width) / small.width);
            x < Math.min(width, Math.ceil(((column + 1) * width) / small.width));
            x++
          ) {
            const weight = share(row, small.height, y, height) * share(column, small.width, x, width)
            sum += weight * image[(c * height + y) * width + x]
            total += weight
          }
        out[(c * small.height + row) * small.width + column] = sum / total
      }
  return out
}
