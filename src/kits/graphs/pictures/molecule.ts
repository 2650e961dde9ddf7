import type { AttributedGraph } from '../graph.ts'
import { type ElementSymbol, mostBonds } from '../molecules/elements.ts'
import { fitted } from './gallery.ts'
import { type Point, stressLayout } from './layout.ts'

const colours: Readonly<Partial<Record<ElementSymbol, string>>> = {
  N: '#2255cc',
  O: '#cc2222',
  F: '#228833',
  Cl: '#228833',
  S: '#997700',
  P: '#bb5500',
  Br: '#882222',
  I: '#662288',
  B: '#aa6677',
}

/**
 * A structure formula as the body of an SVG of side × side: single, double and triple lines, letters for all atoms but carbon. Atoms that have more bonds than
 * their valence stand in a circle.
 */
export function moleculeSvg(graph: AttributedGraph, elements: readonly ElementSymbol[], side: number): string {
  const places = fitted(stressLayout(graph), side, 16, 30)
  const sums = new Array<number>(graph.n).fill(0)
  for (const [from, to, bond] of graph.edges) {
    sums[from] += bond + 1
    sums[to] += bond + 1
  }
  const bonds = graph.edges.map(([from, to, bond]) => bondSvg(places[from], places[to], bond + 1))
  const atoms = places.map(([x, y], i) => {
    const element = elements[graph.x[i][0]]
    const mark = sums[i] > mostBonds(element) ? `<circle cx="${x}" cy="${y}" r="9" fill="none" stroke="#e08000" stroke-width="2"/>` : ''
    if (element === 'C' && graph.n > 1) return mark
    return `<circle cx="${x}" cy="${y}" r="6.5" fill="#fafafa"/><text x="${x}" y="${y + 4}" text-anchor="middle" fill="${colours[element] ?? '#222222'}">${element}</text>${mark}`
  })
  return bonds.join('') + atoms.join('')
}

function bondSvg([x1, y1]: Point, [x2, y2]: Point, order: number): string {
  const length = Math.hypot(x2 - x1, y2 - y1) || 1
  const [nx, ny] = [-(y2 - y1) / length, (x2 - x1) / length]
  const offsets = order === 1 ? [0] : order === 2 ? [-1.8, 1.8] : [-3.2, 0, 3.2]
  return offsets
    .map(
      (o) =>
        `<line x1="${(x1 + o * nx).toFixed(1)}" y1="${(y1 + o * ny).toFixed(1)}" x2="${(x2 + o * nx).toFixed(1)}" y2="${(y2 + o * ny).toFixed(1)}" stroke="#333333" stroke-width="1.3"/>`,
    )
    .join('')
}
