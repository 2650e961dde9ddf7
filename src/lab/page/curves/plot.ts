import * as plot from '@observablehq/plot'
import { axesOf } from '../../../experiment/report/axes.ts'
import { charts } from '../../../experiment/report/charts.ts'
import type { Figure } from '../../../experiment/report/figure.ts'

/** A drawing, and where a value of the horizontal axis stands in it. */
export interface Drawing {
  readonly svg: SVGElement
  readonly left: number
  readonly right: number
  /** Pixels of a value, and back. */
  place(x: number): number
  value(pixel: number): number
}

interface Scale {
  readonly range: readonly [number, number]
  apply(x: number): number
  invert?(pixel: number): number
}

/** Draws a figure as reports do, in the width that there is. Labels are the page's: one drawing serves both languages. */
export function drawFigure(figure: Figure, width: number, height?: number): Drawing {
  const { marks, options = {} } = charts[figure.kind](plot, figure)
  const { x = {}, y = {}, height: own = 320, ...rest } = options
  const axes = axesOf(figure)
  const element = plot.plot({
    width,
    height: figure.kind === 'line' || figure.kind === 'scatter' ? (height ?? own) : own,
    marginTop: 10,
    marginLeft: 56,
    marginRight: 26,
    marginBottom: 24,
    className: 'plot',
    style: { background: 'none', fontSize: '11px' },
    ...rest,
    x: { label: null, ...axes.x, ...x },
    y: { grid: figure.kind !== 'bar', label: null, ...axes.y, ...y },
    marks,
  } as never) as SVGElement & { scale(name: string): Scale | undefined }
  // Plot brings a style element, which the page's policy forbids and its style sheet has.
  element.querySelector('style')?.remove()
  // One drawing has one name; its pieces are no names for a reader.
  for (const piece of element.querySelectorAll('[aria-label]')) piece.removeAttribute('aria-label')
  const scale = element.scale('x')
  const [left, right] = scale?.range ?? [0, width]
  return {
    svg: element,
    left,
    right,
    place: (value) => scale?.apply(value) ?? left,
    value: (pixel) => scale?.invert?.(pixel) ?? Number.NaN,
  }
}
