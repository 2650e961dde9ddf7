import { draws, seedKey } from '../../data/draws.ts'
import type { LocateOptions, Provenance } from '../../data/index.ts'
import { type Split, splitsOf } from '../../experiment/index.ts'
import {
  type AttributedGraph,
  type GraphSchema,
  geoTraffic,
  geoTrafficSchema,
  loadQm9,
  moleculeSchema,
  qm9Elements,
  signedBalance,
  signedBalanceSchema,
} from '../../kits/graphs/index.ts'
import { type Config, sizesOf, type TaskName } from './config.ts'

/** What a unit trains on and is compared with. */
export interface TaskGraphs {
  readonly schema: GraphSchema
  readonly train: readonly AttributedGraph[]
  readonly test: readonly AttributedGraph[]
}

export interface Loaded {
  readonly provenance: Provenance
  /** Molecules, where they are asked for; generated graphs are a function of the seed. */
  readonly molecules?: readonly AttributedGraph[]
}

const generators = { balance: signedBalance, traffic: geoTraffic } as const
const schemas = { balance: signedBalanceSchema, traffic: geoTrafficSchema } as const

/** The graphs of an arm with a seed: the first ones to train on, the rest to test on; of molecules every eleventh is tested on. */
export function graphsOf(config: Config, { molecules }: Loaded, seed: number): TaskGraphs {
  const { train, test } = sizesOf(config)
  if (config.task === 'molecules') return { schema: moleculeSchema(qm9Elements, 9), ...splitMolecules(molecules!, { train, test }) }
  const graphs = generators[config.task]({ count: train + test, n: config.nodes, seed })
  return { schema: schemas[config.task](config.nodes), train: graphs.slice(0, train), test: graphs.slice(train) }
}

function splitMolecules(graphs: readonly AttributedGraph[], { train, test }: { train: number; test: number }) {
  const { trainAt, testAt } = moleculeRows(graphs.length, { train, test })
  return { train: trainAt.map((i) => graphs[i]), test: testAt.map((i) => graphs[i]) }
}

/** Places of both parts, spread evenly over the file, which is ordered by size. */
function moleculeRows(count: number, { train, test }: { train: number; test: number }) {
  const all = Math.min(count, train + test)
  const wanted = Math.max(1, Math.round((all * test) / (train + test)))
  const isTest = (i: number) => Math.floor(((i + 1) * wanted) / all) > Math.floor((i * wanted) / all)
  const places = Array.from({ length: all }, (_, i) => i)
  return { trainAt: places.filter((i) => !isTest(i)), testAt: places.filter(isTest) }
}

export async function load(config: Config, seeds: readonly number[], options: LocateOptions) {
  const synthetic = config.tasks.filter((task) => task !== 'molecules')
  const { train, test } = config.molecule
  const molecules = config.tasks.includes('molecules') ? await loadQm9({ ...options, limit: train + test }) : undefined
  const parts = [...synthetic.map(generated), ...(molecules ? [molecules.provenance] : [])]
  const joined = (part: (provenance: Provenance) => string, separator: string) => parts.map(part).join(separator)
  const provenance: Provenance = {
    name: joined(({ name }) => name, ' + '),
    real: parts.every(({ real }) => real),
    source: joined(({ source }) => source, '; '),
    sha256: joined(({ sha256 }) => sha256, '+'),
  }
  return { provenance, value: { provenance, molecules: molecules?.graphs }, splits: splits(config, seeds, molecules?.graphs.length ?? 0) }
}

const generated = (task: TaskName): Provenance => ({
  name: task === 'balance' ? 'signedBalance' : 'geoTraffic',
  real: false,
  source: `${task === 'balance' ? 'signedBalance' : 'geoTraffic'}({ seed }), the test bed of the experiment`,
  sha256: 'a function of the seed',
})

function splits(config: Config, seeds: readonly number[], count: number): Split[] {
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)
  return config.tasks.flatMap((task) => {
    const { train, test } = sizesOf({ ...config, task })
    if (task === 'molecules') {
      const { trainAt, testAt } = moleculeRows(count, { train, test })
      return splitsOf('qm9-smiles', 'molecule', { train: { ids: trainAt }, test: { ids: testAt } })
    }
    return seeds.flatMap((seed) =>
      splitsOf(generated(task).name, 'graph', { train: { ids: range(0, train) }, test: { ids: range(train, train + test) } }, seed),
    )
  })
}

/** Each graph keeps its nodes and gets the edges of another one of its size: all marginals stay, and nothing goes together any more. */
export function shuffledEdges(graphs: readonly AttributedGraph[], seed: number): AttributedGraph[] {
  const random = draws(seedKey(seed, 0x7368_7566))
  const bySize = new Map<number, number[]>()
  graphs.forEach(({ n }, i) => {
    bySize.set(n, [...(bySize.get(n) ?? []), i])
  })
  const donor = new Map<number, number>()
  for (const members of bySize.values()) {
    // One cycle through all of them, so that no graph keeps its own edges.
    for (let i = members.length - 1; i > 0; i--) {
      const j = random.integer(i + 1)
      const held = members[i]
      members[i] = members[j]
      members[j] = held
    }
    members.forEach((member, i) => {
      donor.set(member, members[(i + 1) % members.length])
    })
  }
  return graphs.map((graph, i) => ({ ...graph, edges: graphs[donor.get(i)!].edges }))
}
