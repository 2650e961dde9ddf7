import { useEffect, useRef, useState } from 'preact/hooks'
import { inLanguage } from '../../../../experiment/text.ts'
import { useLanguage, useText } from '../../language/use-language.tsx'
import { padTexts, penPlace } from '../texts.ts'
import { blank, inked, type Picture, type Point, side } from './ink.ts'
import { coloursOf, paintInk } from './paint.ts'
import { freshPen, pressed } from './pen.ts'
import { useColours } from './use-colour.ts'

const cell = 10

export interface PadProps {
  readonly picture: Picture
  /** Also told within a stroke. */
  onDraw(picture: Picture): void
}

/** A sheet to draw a digit on, with a mouse, a pen, a finger or keys. */
export function Pad({ picture, onDraw }: PadProps) {
  const t = useText()
  const language = useLanguage()
  const canvas = useRef<HTMLCanvasElement>(null)
  const last = useRef<Point | undefined>(undefined)
  const current = useRef(picture)
  const [pen, setPen] = useState(freshPen)
  const [focused, setFocused] = useState(false)
  const colours = useColours()
  current.current = picture
  useEffect(() => {
    const context = canvas.current!.getContext('2d')!
    const { ink, strong } = coloursOf(canvas.current!)
    context.clearRect(0, 0, side * cell, side * cell)
    paintInk(context, picture, { width: side, cell, colour: ink })
    if (focused) cross(context, pen.at, pen.down, strong)
  }, [picture, pen, focused, colours])

  const draw = (to: Point, from = to) => {
    current.current = inked(current.current, from, to)
    onDraw(current.current)
  }
  const pointOf = (event: PointerEvent): Point => {
    const { left, top, width, height } = canvas.current!.getBoundingClientRect()
    return { x: ((event.clientX - left) / width) * side, y: ((event.clientY - top) / height) * side }
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return
    const next = pressed({ ...pen, picture }, event.key)
    if (!next) return
    event.preventDefault()
    setPen(next)
    if (next.picture !== picture) onDraw(next.picture)
  }
  return (
    <div class="pad">
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: nothing else than a canvas can be drawn on */}
      <canvas
        ref={canvas}
        width={side * cell}
        height={side * cell}
        tabIndex={0}
        role="application"
        aria-label={t(padTexts.sheet)}
        aria-describedby="pad-keys"
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          canvas.current!.setPointerCapture(event.pointerId)
          last.current = pointOf(event)
          draw(last.current)
        }}
        onPointerMove={(event) => {
          if (!last.current) return
          for (const moved of event.getCoalescedEvents?.() ?? [event]) {
            const to = pointOf(moved)
            draw(to, last.current)
            last.current = to
          }
        }}
        onPointerUp={() => (last.current = undefined)}
        onPointerCancel={() => (last.current = undefined)}
      />
      <p id="pad-keys" class="note">
        {t(padTexts.keys)}
      </p>
      <p class="unseen" role="status">
        {focused && inLanguage(penPlace(pen), language)}
      </p>
      <button
        type="button"
        class="button"
        onClick={() => {
          setPen(freshPen())
          onDraw(blank())
        }}
      >
        {t(padTexts.clear)}
      </button>
    </div>
  )
}

function cross(context: CanvasRenderingContext2D, { x, y }: Point, down: boolean, colour: string): void {
  context.strokeStyle = colour
  context.lineWidth = down ? 3 : 1.5
  context.beginPath()
  context.arc(x * cell, y * cell, down ? 7 : 10, 0, 2 * Math.PI)
  context.stroke()
}
