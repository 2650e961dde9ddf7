import { useEffect, useRef } from 'preact/hooks'
import { type Picture, side } from '../drawing/ink.ts'
import { coloursOf, paintInk } from '../drawing/paint.ts'
import { useColours } from '../drawing/use-colour.ts'

const cell = 8

export interface SaliencyPictureProps {
  readonly picture: Picture
  /** The most salient pixels, and those before a change. */
  readonly top: readonly number[]
  readonly before?: readonly number[]
  readonly label: string
}

/** A digit in pale ink with its most salient pixels: filled; with a frame where one is so no more, with a cross where one has become so. */
export function SaliencyPicture({ picture, top, before, label }: SaliencyPictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const colours = useColours()
  useEffect(() => {
    const context = canvas.current!.getContext('2d')!
    const { ink, strong, other } = coloursOf(canvas.current!)
    context.clearRect(0, 0, side * cell, side * cell)
    const pale = picture.map((value) => 0.4 * value)
    paintInk(context, pale, { width: side, cell, colour: ink })
    for (const pixel of top)
      (before && !before.includes(pixel) ? paintCross : paintDot)(context, pixel, before?.includes(pixel) === false ? other : strong)
    for (const pixel of before ?? []) if (!top.includes(pixel)) paintFrame(context, pixel, strong)
  }, [picture, top, before, colours])
  return <canvas ref={canvas} class="saliency" width={side * cell} height={side * cell} role="img" aria-label={label} />
}

const placeOf = (pixel: number) => [(pixel % side) * cell, Math.floor(pixel / side) * cell] as const

function paintDot(context: CanvasRenderingContext2D, pixel: number, colour: string): void {
  const [x, y] = placeOf(pixel)
  context.fillStyle = colour
  context.fillRect(x + 1, y + 1, cell - 2, cell - 2)
}

function paintFrame(context: CanvasRenderingContext2D, pixel: number, colour: string): void {
  const [x, y] = placeOf(pixel)
  context.strokeStyle = colour
  context.lineWidth = 1
  context.strokeRect(x + 1.5, y + 1.5, cell - 3, cell - 3)
}

function paintCross(context: CanvasRenderingContext2D, pixel: number, colour: string): void {
  const [x, y] = placeOf(pixel)
  context.strokeStyle = colour
  context.lineWidth = 2
  context.beginPath()
  context.moveTo(x + 1, y + 1)
  context.lineTo(x + cell - 1, y + cell - 1)
  context.moveTo(x + cell - 1, y + 1)
  context.lineTo(x + 1, y + cell - 1)
  context.stroke()
}
