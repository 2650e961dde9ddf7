import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Place } from './groups.ts'

/** A box of the drawing. */
export interface Box {
  readonly title: string
  readonly detail: string
  /** From 0 to 1: how much of it is filled. */
  readonly share: number
  /** All that is known of it, for whoever points at it or hears it. */
  readonly description: string
}

export interface GraphProps {
  readonly boxes: readonly Box[]
  readonly places: readonly Place[]
  readonly edges: readonly (readonly [number, number])[]
  readonly label: string
  readonly headings?: readonly string[]
  /** A box that is shown in the middle, and marked. */
  readonly marked?: number
  onChoose?(index: number): void
}

const [width, height, columnGap, rowGap, margin] = [176, 40, 34, 22, 10]

/**
 * Boxes at their places, with lines from what is read to who reads it. Boxes that can be chosen are buttons. Only what can be seen is drawn, so that
 * thousands of boxes scroll as smoothly as ten.
 */
export function Graph({ boxes, places, edges, label, headings, marked, onChoose }: GraphProps) {
  const top = margin + (headings ? 24 : 0)
  const left = ({ column }: Place) => margin + column * (width + columnGap)
  const above = ({ row }: Place) => top + row * (height + rowGap)
  const size = useMemo(() => {
    const [columns, rows] = places.reduce(
      ([columns, rows], { column, row }) => [Math.max(columns, column + 1), Math.max(rows, row + 1)],
      [0, 0],
    )
    return { width: margin + columns * (width + columnGap), height: top + rows * (height + rowGap) }
  }, [places, top])
  const frame = useRef<HTMLDivElement>(null)
  const view = useView(frame)
  useEffect(() => {
    const place = places[marked ?? 0]
    const shown = frame.current!
    if (place)
      shown.scrollTo(left(place) - (shown.clientWidth - width) / 2, marked === undefined ? 0 : above(place) - shown.clientHeight / 2)
  }, [places, marked])
  const isSeen = (from: Place, to: Place) =>
    Math.max(above(from), above(to)) + height >= view.top &&
    Math.min(above(from), above(to)) <= view.bottom &&
    Math.max(left(from), left(to)) + width >= view.left &&
    Math.min(left(from), left(to)) <= view.right
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what is too wide is scrolled with the keyboard
    // biome-ignore lint/a11y/useSemanticElements: a drawing is no group of fields
    <div class="graph" ref={frame} tabIndex={0} role="group" aria-label={label}>
      <svg {...size} viewBox={`0 0 ${size.width} ${size.height}`} role="presentation">
        {headings?.map((heading, column) => (
          <text key={heading} class="heading" x={left({ column, row: 0 }) + width / 2} y={16}>
            {heading}
          </text>
        ))}
        {edges.map(
          ([from, to]) =>
            isSeen(places[from], places[to]) && (
              <path
                key={`${from} ${to}`}
                class={from === marked || to === marked ? 'edge marked' : 'edge'}
                d={pathOf(left(places[from]), above(places[from]), left(places[to]), above(places[to]))}
              />
            ),
        )}
        {boxes.map(
          (box, i) =>
            isSeen(places[i], places[i]) && (
              <BoxShape
                key={i}
                box={box}
                transform={`translate(${left(places[i])} ${above(places[i])})`}
                isMarked={i === marked}
                onChoose={onChoose && (() => onChoose(i))}
              />
            ),
        )}
      </svg>
    </div>
  )
}

/** The part of a frame's content that is seen, and as much around it. */
function useView(frame: { readonly current: HTMLDivElement | null }) {
  const [view, setView] = useState({ left: 0, top: 0, right: 2000, bottom: 1000 })
  useEffect(() => {
    const seen = frame.current!
    let asked = 0
    const look = () => {
      const { scrollLeft, scrollTop, clientWidth, clientHeight } = seen
      const bottom = scrollTop + 2 * clientHeight
      setView({ left: scrollLeft - clientWidth, top: scrollTop - clientHeight, right: scrollLeft + 2 * clientWidth, bottom })
    }
    const later = () => {
      cancelAnimationFrame(asked)
      asked = requestAnimationFrame(look)
    }
    const resized = new ResizeObserver(later)
    resized.observe(seen)
    seen.addEventListener('scroll', later, { passive: true })
    return () => {
      cancelAnimationFrame(asked)
      resized.disconnect()
      seen.removeEventListener('scroll', later)
    }
  }, [])
  return view
}

interface BoxShapeProps {
  readonly box: Box
  readonly transform: string
  readonly isMarked: boolean
  readonly onChoose?: () => void
}

function BoxShape({ box, transform, isMarked, onChoose }: BoxShapeProps) {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it has the role of a button where it can be chosen
    <g
      class={`box${onChoose ? ' open' : ''}${isMarked ? ' marked' : ''}`}
      transform={transform}
      role={onChoose ? 'button' : 'img'}
      aria-label={onChoose ? undefined : box.description}
      aria-description={onChoose ? box.description : undefined}
      tabindex={onChoose ? 0 : undefined}
      onClick={onChoose}
      onKeyDown={(event) => {
        if (!onChoose || (event.key !== 'Enter' && event.key !== ' ')) return
        event.preventDefault()
        onChoose()
      }}
    >
      {!onChoose && <title>{box.description}</title>}
      <rect class="ground" width={width} height={height} rx={4} />
      <rect class="fill" width={width * box.share} height={height} rx={4} />
      <text x={8} y={17}>
        {shortened(box.title)}
      </text>
      <text class="detail" x={8} y={33}>
        {shortened(box.detail)}
      </text>
    </g>
  )
}

/** Letters that a box has room for. */
const mostLetters = 24
const shortened = (text: string): string => (text.length <= mostLetters ? text : `${text.slice(0, mostLetters - 1)}…`)

/** From below the one to above the other; from side to side where they stand in one row or the other way round. */
function pathOf(x1: number, y1: number, x2: number, y2: number): string {
  if (y2 > y1) {
    const [fromX, fromY, toX] = [x1 + width / 2, y1 + height, x2 + width / 2]
    return `M${fromX} ${fromY}C${fromX} ${fromY + rowGap} ${toX} ${y2 - rowGap} ${toX} ${y2}`
  }
  const toRight = x2 >= x1
  const [fromX, toX] = toRight ? [x1 + width, x2 === x1 ? x2 + width : x2] : [x1, x2 + width]
  const bend = toRight ? columnGap : -columnGap
  return `M${fromX} ${y1 + height / 2}C${fromX + bend} ${y1 + height / 2} ${toX + (x2 === x1 ? bend : -bend)} ${y2 + height / 2} ${toX} ${y2 + height / 2}`
}
