import { useMemo } from 'preact/hooks'
import { formatInterval, formatNumber } from '../../../experiment/format.ts'
import type { Figure } from '../../../experiment/report/figure.ts'
import { inLanguage, type Language } from '../../../experiment/text.ts'
import { texts } from '../../texts.ts'
import { useLanguage, useText } from '../language/use-language.tsx'
import { type Observable, useObservable } from '../observable.ts'
import { Swatch } from './legend.tsx'
import type { Drawing } from './plot.ts'
import { endsOf, moved, type Reading, readingsAt, stopsOf } from './readout.ts'

interface CursorProps {
  readonly figure: Figure
  readonly drawing: Drawing
  readonly cursor: Observable<number | undefined>
}

const valueText = ({ y, interval }: Reading): string => [formatNumber(y), formatInterval(interval)].filter(Boolean).join(' ')

const words = (x: number, readings: readonly Reading[], language: Language): string =>
  [
    `${texts.step[language]} ${formatNumber(x)}`,
    ...readings.map((reading) => `${inLanguage(reading.label, language)} ${valueText(reading)}`),
  ].join(', ')

/** A line that reads the values below it: it follows the pointer, and the arrow keys where the chart has the focus. */
export function Cursor({ figure, drawing, cursor }: CursorProps) {
  const t = useText()
  const language = useLanguage()
  const x = useObservable(cursor)
  const ends = useMemo(() => endsOf(figure), [figure])
  const [least, most] = ends ?? [0, 0]
  const readings = x === undefined ? [] : readingsAt(figure, x)
  const point = (event: PointerEvent & { readonly currentTarget: HTMLElement }) => {
    const value = drawing.value(event.clientX - event.currentTarget.getBoundingClientRect().left)
    if (Number.isFinite(value) && ends) cursor.set(Math.min(most, Math.max(least, value)))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') return cursor.set(undefined)
    const next = moved(stopsOf(figure), cursor.get(), event.key)
    if (next === undefined) return
    event.preventDefault()
    cursor.set(next)
  }
  return (
    <div
      class="cursor"
      role="slider"
      tabIndex={0}
      aria-label={`${t(figure.title)}. ${t(texts.cursorHelp)}`}
      aria-valuemin={least}
      aria-valuemax={most}
      aria-valuenow={x ?? least}
      aria-valuetext={x === undefined ? undefined : words(x, readings, language)}
      onPointerMove={point}
      onPointerDown={point}
      onPointerLeave={() => cursor.set(undefined)}
      onBlur={() => cursor.set(undefined)}
      onKeyDown={onKeyDown}
    >
      {x !== undefined && readings.length > 0 && <Readout x={x} readings={readings} drawing={drawing} />}
    </div>
  )
}

/** It stands on the side where there is more room; the line alone shows in charts that only share the cursor. */
function Readout({ x, readings, drawing }: { readonly x: number; readonly readings: readonly Reading[]; readonly drawing: Drawing }) {
  const t = useText()
  const place = drawing.place(readings.length === 1 ? readings[0].x : x)
  const isLeft = place > (drawing.left + drawing.right) / 2
  return (
    <>
      <span class="rule" style={{ transform: `translateX(${place}px)` }} />
      <div
        class="readout"
        aria-hidden="true"
        style={{ transform: `translateX(${isLeft ? `calc(${place - 8}px - 100%)` : `${place + 8}px`})` }}
      >
        <b>
          {t(texts.step)} {formatNumber(readings[0].x)}
        </b>
        {readings.slice(0, 16).map((reading) => (
          <span key={reading.index}>
            <Swatch index={reading.index} /> <i>{t(reading.label)}</i> {valueText(reading)}
          </span>
        ))}
      </div>
    </>
  )
}
