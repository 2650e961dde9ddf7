import type { Place } from './groups.ts'

/** So many times the order within layers is made better, down and up. */
const sweeps = 4

/**
 * A layered drawing: each node stands one row below the lowest node that it reads, and within a row near the middle of its neighbours (Sugiyama et al. 1981).
 *
 * @param inputs of each node, which come before it.
 */
export function layersOf(inputs: readonly (readonly number[])[]): Place[] {
  const rows: number[] = []
  for (const [i, read] of inputs.entries()) rows[i] = read.reduce((row, input) => Math.max(row, rows[input] + 1), 0)
  const readers: number[][] = inputs.map(() => [])
  for (const [i, read] of inputs.entries()) for (const input of read) readers[input].push(i)
  const layers: number[][] = []
  for (const [i, row] of rows.entries()) (layers[row] ??= []).push(i)
  const columns: number[] = []
  for (const layer of layers) for (const [column, i] of layer.entries()) columns[i] = column
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const neighbours = sweep % 2 === 0 ? inputs : readers
    for (const layer of sweep % 2 === 0 ? layers : layers.toReversed()) {
      layer.sort((a, b) => middleOf(neighbours[a], columns, columns[a]) - middleOf(neighbours[b], columns, columns[b]) || a - b)
      for (const [column, i] of layer.entries()) columns[i] = column
    }
  }
  const widest = Math.max(0, ...layers.map(({ length }) => length))
  // Narrow layers stand in the middle.
  return rows.map((row, i) => ({ row, column: columns[i] + (widest - layers[row].length) / 2 }))
}

const middleOf = (neighbours: readonly number[], columns: readonly number[], own: number): number =>
  neighbours.length === 0 ? own : neighbours.reduce((sum, i) => sum + columns[i], 0) / neighbours.length

/** The nodes of a part alone: their inputs within it, renumbered. */
export function within(places: readonly number[], nodes: readonly { readonly inputs: readonly number[] }[]): number[][] {
  const index = new Map(places.map((place, i) => [place, i]))
  return places.map((place) => nodes[place].inputs.flatMap((input) => index.get(input) ?? []))
}
