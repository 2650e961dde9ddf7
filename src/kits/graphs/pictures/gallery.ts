import { InputError } from '../../../engine/index.ts'
import type { AttributedGraph, GraphSchema } from '../graph.ts'
import { elementsOf } from '../molecules/valence.ts'
import { type Point, stressLayout } from './layout.ts'
import { moleculeSvg } from './molecule.ts'

const [side, margin, gap, heading, labelled] = [150, 18, 12, 34, 18] as const

export interface GalleryRow {
  readonly label: string
  readonly graphs: readonly AttributedGraph[]
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/**
 * Rows of graphs as an SVG: molecules as structure formulas, others as dots and lines. Where the first two attributes of nodes are `x` and `y` these are their
 * places. Lines are coloured by the first attribute of an edge, dots by the last of a node: blue below zero, red above.
 *
 * @throws InputError where there is no graph.
 * @example
 * drawGraphs('one edge', [{ label: 'real', graphs: [{ n: 2, x: [[], []], edges: [[0, 1]] }] }], { node: [], edge: [], maxNodes: 2, directed: false }).startsWith('<svg') // true
 */
export function drawGraphs(title: string, rows: readonly GalleryRow[], schema: GraphSchema): string {
  const columns = Math.max(0, ...rows.map(({ graphs }) => graphs.length))
  if (columns === 0) throw new InputError('there is no graph to draw')
  const scales = scalesOf(rows.flatMap(({ graphs }) => graphs))
  const elements = elementsOf(schema)
  const drawn = rows.map(({ label, graphs }, r) => {
    const top = heading + r * (side + gap + labelled)
    const cells = graphs.map((graph, c) => {
      const body = elements ? moleculeSvg(graph, elements, side) : graphSvg(graph, schema, scales)
      return `<g transform="translate(${gap + c * (side + gap)},${top + labelled})"><rect width="${side}" height="${side}" fill="#fafafa" stroke="#dddddd"/>${body}</g>`
    })
    return `<text x="${gap}" y="${top + 12}">${escaped(label)}</text>${cells.join('')}`
  })
  const [width, height] = [gap + columns * (side + gap), heading + rows.length * (side + gap + labelled)]
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escaped(title)}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12"><rect width="${width}" height="${height}" fill="white"/><text x="${gap}" y="20" font-size="14">${escaped(title)}</text>${drawn.join('')}</svg>\n`
}

interface Scales {
  readonly node: number
  readonly edge: number
}

/** The largest values, which are drawn in full colour. */
function scalesOf(graphs: readonly AttributedGraph[]): Scales {
  const largest = (values: readonly number[]) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9)
  return {
    node: largest(graphs.flatMap(({ x }) => x.map((row) => row.at(-1) ?? 0))),
    edge: largest(graphs.flatMap(({ edges }) => edges.map(([, , value = 0]) => value))),
  }
}

/** From blue at −1 over grey to red at 1. */
function colour(value: number): string {
  const t = Math.max(-1, Math.min(1, value))
  const mix = (from: number, to: number) => Math.round(from + (to - from) * Math.abs(t))
  return t < 0 ? `rgb(${mix(150, 30)},${mix(150, 90)},${mix(150, 200)})` : `rgb(${mix(150, 205)},${mix(150, 40)},${mix(150, 40)})`
}

function graphSvg(graph: AttributedGraph, schema: GraphSchema, scales: Scales): string {
  const places = fitted(placesOf(graph, schema))
  const lines = graph.edges.map(([from, to, value]) => {
    const [[x1, y1], [x2, y2]] = [places[from], places[to]]
    const shade = value === undefined ? '#777777' : colour(value / scales.edge)
    return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${shade}" stroke-width="1.6"/>${schema.directed ? arrow([x1, y1], [x2, y2], shade) : ''}`
  })
  const dots = places.map(([x, y], i) => {
    const value = graph.x[i].at(-1)
    return `<circle cx="${x}" cy="${y}" r="4.5" fill="${value === undefined ? '#444444' : colour(value / scales.node)}" stroke="white"/>`
  })
  return lines.join('') + dots.join('')
}

/** A head two thirds along the line, so that both directions can be told apart. */
function arrow([x1, y1]: Point, [x2, y2]: Point, shade: string): string {
  const [dx, dy] = [x2 - x1, y2 - y1]
  const length = Math.hypot(dx, dy) || 1
  const [ux, uy] = [dx / length, dy / length]
  const [tx, ty] = [x1 + 0.66 * dx, y1 + 0.66 * dy]
  const point = (along: number, across: number) =>
    `${(tx + along * ux - across * uy).toFixed(1)},${(ty + along * uy + across * ux).toFixed(1)}`
  return `<polygon points="${point(4, 0)} ${point(-3, 3)} ${point(-3, -3)}" fill="${shade}"/>`
}

function placesOf(graph: AttributedGraph, { node }: GraphSchema): readonly Point[] {
  const hasPlaces = node.length >= 2 && node[0].name === 'x' && node[1].name === 'y'
  return hasPlaces ? graph.x.map(([x, y]): Point => [x, y]) : stressLayout(graph)
}

/** Into a square of `side`, with a margin. */
export function fitted(
  places: readonly Point[],
  extent: number = side,
  edge: number = margin,
  mostScale = Number.POSITIVE_INFINITY,
): Point[] {
  const ends = [0, 1].map((axis) => {
    const values = places.map((place) => place[axis])
    return [Math.min(...values), Math.max(...values)] as const
  })
  const widest = Math.max(...ends.map(([least, most]) => most - least), 1e-9)
  const scale = Math.min((extent - 2 * edge) / widest, mostScale)
  const at = (value: number, [least, most]: readonly [number, number]) =>
    Number((extent / 2 + (value - (least + most) / 2) * scale).toFixed(1))
  return places.map(([x, y]): Point => [at(x, ends[0]), at(y, ends[1])])
}
