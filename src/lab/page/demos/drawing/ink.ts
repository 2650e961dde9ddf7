/*
 * Pictures of digits as the data sets have them: 28 × 28, 0 the ground, 1 full ink.
 */

/** Height and width of a drawing. */
export const side = 28

export type Picture = Float32Array

export const blank = (): Picture => new Float32Array(side * side)

export const isBlank = (picture: Picture): boolean => picture.every((value) => value === 0)

/** In pixels from the upper left corner; (0.5, 0.5) is the middle of the first pixel. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** Half the breadth of the pen, in pixels: strokes of the data sets are some two to three pixels wide. */
const penRadius = 1.1

/** The picture with a stroke from one point to another: full ink within the pen's radius, fading over one pixel. */
export function inked(picture: Picture, from: Point, to: Point): Picture {
  const next = Float32Array.from(picture)
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      const distance = distanceTo({ x: column + 0.5, y: row + 0.5 }, from, to)
      const ink = Math.min(1, Math.max(0, penRadius + 0.5 - distance))
      const at = row * side + column
      if (ink > next[at]) next[at] = ink
    }
  return next
}

/** From a point to the nearest of a stroke. */
function distanceTo({ x, y }: Point, from: Point, to: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  const length = dx * dx + dy * dy
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - from.x) * dx + (y - from.y) * dy) / length))
  return Math.hypot(x - from.x - along * dx, y - from.y - along * dy)
}

/** The larger extent of a digit in the data set, in pixels. */
const boxSize = 20

/** A drawing as the data set would have it: made 20 pixels high or wide, whichever is more, its centre of mass in the middle. */
export function centred(picture: Picture): Picture {
  const box = boxOf(picture)
  if (!box) return blank()
  const scale = Math.max(box.right - box.left, box.bottom - box.top) / boxSize
  const middle = centreOf(picture)
  return Float32Array.from({ length: side * side }, (_, at) => {
    const [row, column] = [Math.floor(at / side), at % side]
    return between(picture, middle.x + (column + 0.5 - side / 2) * scale, middle.y + (row + 0.5 - side / 2) * scale)
  })
}

function boxOf(picture: Picture): { left: number; right: number; top: number; bottom: number } | undefined {
  let box: { left: number; right: number; top: number; bottom: number } | undefined
  for (const [at, value] of picture.entries()) {
    if (value < 0.1) continue
    const [row, column] = [Math.floor(at / side), at % side]
    box = {
      left: Math.min(box?.left ?? column, column),
      right: Math.max(box?.right ?? 0, column + 1),
      top: Math.min(box?.top ?? row, row),
      bottom: Math.max(box?.bottom ?? 0, row + 1),
    }
  }
  return box
}

function centreOf(picture: Picture): Point {
  let [mass, x, y] = [0, 0, 0]
  for (const [at, value] of picture.entries()) {
    mass += value
    x += value * ((at % side) + 0.5)
    y += value * (Math.floor(at / side) + 0.5)
  }
  return { x: x / mass, y: y / mass }
}

/** The picture at a point, linearly between the middles of its pixels; ground outside. */
function between(picture: Picture, x: number, y: number): number {
  const [left, top] = [Math.floor(x - 0.5), Math.floor(y - 0.5)]
  const [right, down] = [x - 0.5 - left, y - 0.5 - top]
  const at = (column: number, row: number) => (column < 0 || row < 0 || column >= side || row >= side ? 0 : picture[row * side + column])
  return (
    (1 - down) * ((1 - right) * at(left, top) + right * at(left + 1, top)) +
    down * ((1 - right) * at(left, top + 1) + right * at(left + 1, top + 1))
  )
}

/** 14 × 14 by means of 2 × 2 pixels, from −1 (ground) to 1: digits as the diffusion model knows them. */
export function halved(picture: Picture): Float32Array {
  const small = side / 2
  return Float32Array.from({ length: small * small }, (_, at) => {
    const [row, column] = [2 * Math.floor(at / small), 2 * (at % small)]
    const sum =
      picture[row * side + column] +
      picture[row * side + column + 1] +
      picture[(row + 1) * side + column] +
      picture[(row + 1) * side + column + 1]
    return sum / 2 - 1
  })
}
