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
  onChoose?(index: number): void
}

const [width, height, columnGap, rowGap, margin] = [176, 40, 34, 22, 10]

/** Boxes at their places, with lines from what is read to who reads it. Boxes that can be chosen are buttons. */
export function Graph({ boxes, places, edges, label, headings, onChoose }: GraphProps) {
  const top = margin + (headings ? 24 : 0)
  const left = ({ column }: Place) => margin + column * (width + columnGap)
  const above = ({ row }: Place) => top + row * (height + rowGap)
  const columns = Math.max(0, ...places.map(({ column }) => column)) + 1
  const rows = Math.max(0, ...places.map(({ row }) => row)) + 1
  const size = { width: margin + columns * (width + columnGap), height: top + rows * (height + rowGap) }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what is too wide is scrolled with the keyboard
    // biome-ignore lint/a11y/useSemanticElements: a drawing is no group of fields
    <div class="graph" tabIndex={0} role="group" aria-label={label}>
      <svg {...size} viewBox={`0 0 ${size.width} ${size.height}`} role="presentation">
        {headings?.map((heading, column) => (
          <text key={heading} class="heading" x={left({ column, row: 0 }) + width / 2} y={16}>
            {heading}
          </text>
        ))}
        {edges.map(([from, to]) => (
          <path
            key={`${from} ${to}`}
            class="edge"
            d={pathOf(left(places[from]), above(places[from]), left(places[to]), above(places[to]))}
          />
        ))}
        {boxes.map((box, i) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: it has the role of a button where it can be chosen
          <g
            key={i}
            class={onChoose ? 'box open' : 'box'}
            transform={`translate(${left(places[i])} ${above(places[i])})`}
            role={onChoose ? 'button' : 'img'}
            aria-label={onChoose ? undefined : box.description}
            aria-description={onChoose ? box.description : undefined}
            tabindex={onChoose ? 0 : undefined}
            onClick={() => onChoose?.(i)}
            onKeyDown={(event) => {
              if (!onChoose || (event.key !== 'Enter' && event.key !== ' ')) return
              event.preventDefault()
              onChoose(i)
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
        ))}
      </svg>
    </div>
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
