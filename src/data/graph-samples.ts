import type { Draws } from './draws.ts'

/* Samples of graphs that carry data: small molecules as SMILES, and scenes of vehicles as JSONL. */

const groups = ['C', 'CC', 'CCC', 'CO', 'CCO', 'CN', 'C#C', 'C=C', 'C=O', 'C#N', 'CF', 'O', 'N', 'F', 'OC', 'NC'] as const
const cores = [
  'C',
  'CC',
  'C1CC1',
  'C1CCC1',
  'C1OC1',
  'C1COC1',
  'CC(=O)',
  'C(=O)N',
  'COC',
  'CNC',
  'C1CCCC1',
  'c1ccoc1',
  'c1cc[nH]c1',
] as const

/** Heavy atoms of a SMILES. */
const atomsIn = (smiles: string): number => smiles.replace(/\[nH\]/g, 'n').replace(/[^A-Za-z]/g, '').length

/** Two groups on a core, each SMILES once: molecules of up to nine heavy atoms. */
export function smilesLines(): string {
  const all = cores.flatMap((core) => groups.flatMap((left) => groups.map((right) => `${flipped(left)}${core}${right}`)))
  const small = [...new Set(all)].filter((smiles) => atomsIn(smiles) >= 4 && atomsIn(smiles) <= 9)
  return `smiles\n${small.filter((_, i) => i % 2 === 0).join('\n')}\n`
}

/** A group written from its far end, so that its first atom is the one that is bonded. */
function flipped(group: (typeof groups)[number]): string {
  return { CO: 'OC', CCO: 'OCC', CN: 'NC', 'C=O': 'O=C', 'C#N': 'N#C', CF: 'FC', OC: 'CO', NC: 'CN' }[group as string] ?? group
}

/** Vehicles in a plane with their speeds; those closer than 0.9 are joined, with distance and difference of speeds. */
export function sceneLines(random: Draws): string {
  const lines = Array.from({ length: 300 }, () => {
    const n = 5 + random.integer(4)
    const x = Array.from({ length: n }, () => [random.normal() * 0.6, random.normal() * 0.6, random.uniform(0.2, 1)].map(rounded))
    const edges = x.flatMap((a, i) =>
      x.flatMap((b, j) => {
        const distance = Math.hypot(a[0] - b[0], a[1] - b[1])
        return j > i && distance < 0.9 ? [[i, j, rounded(distance), rounded(Math.abs(a[2] - b[2]))]] : []
      }),
    )
    return JSON.stringify({ n, x, edges })
  })
  return `${lines.join('\n')}\n`
}

export const sceneSchema = `${JSON.stringify(
  {
    node: ['x', 'y', 'speed'].map((name) => ({ name, type: 'real' })),
    edge: ['distance', 'speedDifference'].map((name) => ({ name, type: 'real' })),
    maxNodes: 8,
    directed: false,
  },
  null,
  2,
)}\n`

const rounded = (value: number): number => Number(value.toFixed(4))
