import { type AttributedGraph, neighbours } from '../graph.ts'
import type { ElementSymbol } from './elements.ts'
import { valences } from './elements.ts'

const symbols = ['', '=', '#'] as const

/**
 * The SMILES of a graph of atoms and bonds, with alternating bonds in rings; atoms in the order of the graph, from the first on. Any graph has one, also where
 * valences are exceeded: such atoms stand in brackets.
 *
 * @example
 * toSmiles({ n: 3, x: [[0], [1], [0]], edges: [[0, 1, 0], [1, 2, 0], [0, 2, 0]] }, ['C', 'O']) // 'C1OC1'
 */
export function toSmiles(graph: AttributedGraph, elements: readonly ElementSymbol[]): string {
  const next = neighbours(graph)
  const bonds = new Map(graph.edges.flatMap(([from, to, bond]) => [[`${from},${to}`, bond] as const, [`${to},${from}`, bond] as const]))
  const bondOf = (from: number, to: number) => bonds.get(`${from},${to}`)!
  const { children, rings } = spanning(graph.n, next)
  const sums = next.map((others, atom) => others.reduce((sum, other) => sum + bondOf(atom, other) + 1, 0))
  const atomText = (atom: number): string => {
    const element = elements[graph.x[atom][0]]
    return sums[atom] <= valences[element].at(-1)! ? element : `[${element}]`
  }
  const write = (atom: number): string => {
    const closures = rings[atom].map(({ number, other, opens }) => {
      const name = number < 10 ? String(number) : `%${String(number).padStart(2, '0')}`
      return `${opens ? symbols[bondOf(atom, other)] : ''}${name}`
    })
    const branches = children[atom].map((child) => `${symbols[bondOf(atom, child)]}${write(child)}`)
    return `${atomText(atom)}${closures.join('')}${branches.map((branch, i) => (i < branches.length - 1 ? `(${branch})` : branch)).join('')}`
  }
  const roots = children.flatMap((_, atom) => (isChild(children, atom) ? [] : [atom]))
  return roots.map(write).join('.')
}

const isChild = (children: readonly (readonly number[])[], atom: number): boolean => children.some((list) => list.includes(atom))

interface Closure {
  readonly number: number
  readonly other: number
  readonly opens: boolean
}

/** A spanning forest, depth first, and the bonds that are left: each a ring number, used again once it is closed. */
function spanning(n: number, next: readonly (readonly number[])[]): { children: number[][]; rings: Closure[][] } {
  const order: number[] = []
  const children = Array.from({ length: n }, (): number[] => [])
  const place = new Array<number>(n).fill(-1)
  const visit = (atom: number): void => {
    place[atom] = order.push(atom) - 1
    for (const other of next[atom])
      if (place[other] < 0) {
        children[atom].push(other)
        visit(other)
      }
  }
  for (let atom = 0; atom < n; atom++) if (place[atom] < 0) visit(atom)
  const rings = Array.from({ length: n }, (): Closure[] => [])
  const free = Array.from({ length: 99 }, (_, i) => i + 1)
  const open = new Map<string, number>()
  for (const atom of order)
    for (const other of next[atom]) {
      if (children[atom].includes(other) || children[other].includes(atom)) continue
      const key = [atom, other].sort((a, b) => a - b).join()
      if (place[other] > place[atom]) {
        const number = free.shift() ?? 99
        open.set(key, number)
        rings[atom].push({ number, other, opens: true })
      } else {
        const number = open.get(key)!
        rings[atom].push({ number, other, opens: false })
        free.unshift(number)
        free.sort((a, b) => a - b)
      }
    }
  return { children, rings }
}
