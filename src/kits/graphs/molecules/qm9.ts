import { draws, seedKey } from '../../../data/draws.ts'
import { decodeText, sha256 } from '../../../data/files.ts'
import { type LocateOptions, locate, type Provenance, type Source } from '../../../data/index.ts'
import type { AttributedGraph } from '../graph.ts'
import { qm9Elements } from './elements.ts'
import { parseSmiles } from './smiles.ts'
import { graphOfMolecule, type Objection, objectionTo } from './valence.ts'

/**
 * QM9 as SMILES: molecules of up to 9 heavy atoms C, N, O, F (Ramakrishnan et al. 2014).
 *
 * @example
 * qm9Source.name // 'qm9-smiles'
 */
export const qm9Source: Source = {
  name: 'qm9-smiles',
  folder: 'qm9-smiles',
  real: true,
  licence: 'CC0 (R. Ramakrishnan, P. Dral, M. Rupp, O. A. von Lilienfeld, Scientific Data 1:140022)',
  files: [
    {
      names: ['qm9_smiles.csv', 'qm9.csv'],
      urls: ['https://raw.githubusercontent.com/valence-discovery/lapool/08f1a81bd35c2b2b418c664c1de87d94a9e762c5/data/qm9.csv'],
      bytes: 2_264_221,
      sha256: 'f7cc792c3e8c066fabf0645d11d8e3e98a41f4c6b7b6bed1e5b6425e5251c133',
    },
  ],
}

export interface Qm9 {
  /** Neutral, closed-shell molecules in one piece. */
  readonly graphs: readonly AttributedGraph[]
  /** The line of each in its file, from 1. */
  readonly lines: readonly number[]
  /** How many others there are, by what speaks against them. */
  readonly left: Readonly<Partial<Record<Objection, number>>>
  readonly provenance: Provenance
}

/**
 * The neutral, closed-shell molecules of QM9, at most `limit` of them spread evenly over the file; where the file is not to be had, random molecules of the same
 * elements and sizes, with `real: false`.
 *
 * @example
 * const { graphs } = await loadQm9({ limit: 100, offline: true })
 */
export async function loadQm9({ limit = Number.POSITIVE_INFINITY, ...options }: LocateOptions & { limit?: number } = {}): Promise<Qm9> {
  const found = await locate(qm9Source, options)
  if (!found) return generatedMolecules(Math.min(limit, 4000), options.log)
  const text = decodeText(found.contents[0], found.provenance.source)
  const lines = text.split(/\r?\n/).slice(1).filter(Boolean)
  // Over the whole file, since it is sorted by size.
  const every = Math.max(1, Math.floor(lines.length / (limit / 0.75)))
  const chosen = lines.flatMap((line, i) => (i % every === 0 ? [{ line, number: i + 2 }] : []))
  const left: Partial<Record<Objection, number>> = {}
  const kept: { graph: AttributedGraph; line: number }[] = []
  for (const { line, number } of chosen) {
    if (kept.length === limit) break
    const molecule = parseSmiles(line.trim(), `${found.provenance.source}, line ${number}`)
    const objection = objectionTo(molecule)
    if (objection) left[objection] = (left[objection] ?? 0) + 1
    else kept.push({ graph: graphOfMolecule(molecule, qm9Elements)!, line: number })
  }
  return { graphs: kept.map(({ graph }) => graph), lines: kept.map(({ line }) => line), left, provenance: found.provenance }
}

/**
 * Trees and rings of C, N, O and F that satisfy all valences: what stands in where QM9 is not to be had.
 *
 * @example
 * randomMolecules({ count: 5, seed: 0 }).length // 5
 */
export function randomMolecules({ count, seed, most = 9 }: { count: number; seed: number; most?: number }): AttributedGraph[] {
  const random = draws(seedKey(seed, 0x6d6f_6c65))
  const valence = [4, 3, 2, 1]
  const element = () => {
    const u = random.uniform()
    return u < 0.72 ? 0 : u < 0.82 ? 1 : u < 0.99 ? 2 : 3
  }
  return Array.from({ length: count }, () => {
    const n = most - (random.uniform() < 0.2 ? random.integer(4) : 0)
    const x = [[0]]
    const free = [4]
    const edges: [number, number, number][] = []
    while (x.length < n) {
      const open = free.flatMap((left, i) => (left > 0 ? [i] : []))
      const from = open[random.integer(open.length)]
      const next = open.length === 1 && free[from] === 1 ? 0 : element()
      const order = Math.min(random.uniform() < 0.85 ? 1 : random.uniform() < 0.8 ? 2 : 3, free[from], valence[next])
      edges.push([from, x.length, order - 1])
      free[from] -= order
      free.push(valence[next] - order)
      x.push([next])
      if (free.every((left) => left === 0)) break
    }
    const ends = free.flatMap((left, i) => (left > 0 ? [i] : []))
    if (ends.length > 2 && random.uniform() < 0.7) closeRing(edges, ends[random.integer(ends.length)], ends[random.integer(ends.length)])
    return { n: x.length, x, edges: edges.sort((a, b) => a[0] - b[0] || a[1] - b[1]) }
  })
}

function closeRing(edges: [number, number, number][], one: number, other: number): void {
  const [from, to] = [Math.min(one, other), Math.max(one, other)]
  if (from !== to && !edges.some(([a, b]) => a === from && b === to)) edges.push([from, to, 0])
}

function generatedMolecules(count: number, log: (line: string) => void = () => {}): Qm9 {
  log(`qm9-smiles: ${count} generated molecules stand in`)
  const graphs = randomMolecules({ count, seed: 0 })
  return {
    graphs,
    lines: graphs.map((_, i) => i + 1),
    left: {},
    provenance: {
      name: 'generated molecules',
      real: false,
      source: `randomMolecules({ count: ${count}, seed: 0 })`,
      sha256: sha256(new TextEncoder().encode(JSON.stringify(graphs))),
    },
  }
}
