import { blank, inked, type Picture, type Point, side } from './ink.ts'

/** A drawing that is being made with keys: the pen has a place, and is up or down. */
export interface Pen {
  readonly picture: Picture
  readonly at: Point
  readonly down: boolean
}

export const freshPen = (): Pen => ({ picture: blank(), at: { x: side / 2, y: side / 2 }, down: false })

const steps: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** What a key does; undefined where it does nothing, so that the page may have it. Arrows move, space sets the pen down or up, Delete begins anew. */
export function pressed(pen: Pen, key: string): Pen | undefined {
  if (key in steps) {
    const [dx, dy] = steps[key]
    const at = { x: within(pen.at.x + dx), y: within(pen.at.y + dy) }
    return { ...pen, at, picture: pen.down ? inked(pen.picture, pen.at, at) : pen.picture }
  }
  if (key === ' ' || key === 'Enter')
    return { ...pen, down: !pen.down, picture: pen.down ? pen.picture : inked(pen.picture, pen.at, pen.at) }
  if (key === 'Delete' || key === 'Backspace') return { ...freshPen(), at: pen.at }
  return undefined
}

const within = (value: number): number => Math.min(side - 1, Math.max(1, value))
