import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { describe } from '../../../experiment/report/describe.ts'
import type { Figure } from '../../../experiment/report/figure.ts'
import { useText } from '../language/use-language.tsx'
import { type Observable, observable } from '../observable.ts'
import { inSteps, oneStep } from '../steps.ts'
import { Cursor } from './cursor.tsx'
import { type Drawing, drawFigure } from './plot.ts'

interface ChartProps {
  readonly figure: Figure
  readonly height?: number
  /** Where the reader points, shared by charts of the same steps. */
  readonly cursor?: Observable<number | undefined>
}

/** A chart as wide as its place. It keeps its place before it is drawn and while it is out of sight, where nothing is drawn. */
export function Chart({ figure, height = 260, cursor }: ChartProps) {
  const t = useText()
  const frame = useRef<HTMLDivElement>(null)
  const [drawing, setDrawing] = useState<Drawing>()
  const width = useWidth(frame)
  const own = useMemo(() => observable<number | undefined>(undefined), [])
  // Before the next frame: none comes before the page is printed.
  useLayoutEffect(() => {
    if (width > 0 && figure.series.length > 0) return inSteps(oneStep(() => setDrawing(drawFigure(figure, width, height))))
  }, [figure, width, height])
  useLayoutEffect(() => {
    if (drawing) frame.current?.querySelector('.drawing')?.replaceChildren(drawing.svg)
  }, [drawing])
  const [x, y] = figure.kind === 'bar' ? [figure.yLabel, undefined] : [figure.xLabel, figure.yLabel]
  return (
    <div class="chart">
      <p class="axis y" aria-hidden="true">
        {y === undefined ? ' ' : t(y)}
      </p>
      <div class="frame" ref={frame} style={{ minHeight: `${height}px` }}>
        <div class="drawing" role="img" aria-label={t(figure.title)} aria-description={t(describe(figure))} />
        {figure.kind === 'line' && drawing && <Cursor figure={figure} drawing={drawing} cursor={cursor ?? own} />}
      </div>
      <p class="axis x" aria-hidden="true">
        {t(x)}
      </p>
    </div>
  )
}

/** The width of an element, and 0 until it is known. */
function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry.contentRect.width)))
    observer.observe(element.current!)
    return () => observer.disconnect()
  }, [element])
  return width
}
