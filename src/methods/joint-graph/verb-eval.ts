import { z } from 'zod'
import { writeJson } from '../../experiment/index.ts'
import {
  type AttributedGraph,
  elementsOf,
  type GraphSchema,
  graphMmd,
  graphStatistics,
  isolatedShare,
  kernelName,
  novelty,
  scoreMolecules,
  tripleMmd,
  wasserstein,
} from '../../kits/graphs/index.ts'
import { verb } from '../method.ts'
import { ownGraphs, readingOptions } from './own-graphs.ts'

export const evalVerb = verb({
  name: 'eval',
  summary: {
    en: 'Compares generated graphs with real ones: graph statistics, attributes, dependence, novelty; of molecules validity',
    zh: '比较生成图与真实图：图统计量、属性、依赖关系、新颖性；分子还比较有效性',
  },
  options: z.object({
    generated: z.string().describe('file of generated graphs'),
    real: z.string().describe('file of real ones; every other one is the measure, the rest show what a perfect generator would reach'),
    ...readingOptions,
    kernel: z
      .enum(['emd', 'tv'])
      .default('emd')
      .describe('of histograms: earth mover’s distance, or total variation (quicker, not comparable)'),
    most: z.number().int().min(2).default(500).describe('at most so many graphs of each set are compared by their statistics'),
    out: z.string().optional().describe('file for the numbers, as JSON'),
  }),
  positional: 'generated',
  out: 'file',
  example: 'quire joint-graph eval generated.smi --real molecules.smi',
  async run({ options, log }) {
    const { kernel, most, out } = options
    const real = await ownGraphs(options.real, options, log)
    const generated = await ownGraphs(
      options.generated,
      { ...options, schema: undefined, maxNodes: undefined },
      log,
      asGenerated(real.schema),
    )
    const halves = [0, 1].map((part) => real.graphs.filter((_, i) => i % 2 === part))
    const found = compared(halves[0], generated.graphs, { schema: real.schema, train: real.graphs, kernel, most })
    const floor = compared(halves[0], halves[1], { schema: real.schema, train: halves[0], kernel, most })
    const result = {
      generated: found,
      real: floor,
      kernels: Object.fromEntries(graphStatistics.map((name) => [name, kernelName(name, kernel)])),
    }
    if (out !== undefined) writeJson(out, result)
    const width = Math.max(...Object.keys(found).map(({ length }) => length))
    const number = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? '–' : value.toPrecision(4)).padStart(11)
    return {
      lines: [
        `${''.padEnd(width)} ${'generated'.padStart(11)} ${'real/real'.padStart(11)}`,
        ...Object.keys(found).map((name) => `${name.padEnd(width)} ${number(found[name])} ${number(floor[name])}`),
        `kernels: ${graphStatistics.map((name) => `${name} ${kernelName(name, kernel)}`).join('; ')}; isolated nodes are left out of them`,
      ],
      json: result,
    }
  },
})

/** Generated graphs may be larger than all real ones, and molecules of them need not be valid. */
const asGenerated = (schema: GraphSchema) => ({ schema: { ...schema, maxNodes: 1000 }, unchecked: true })

interface Comparison {
  readonly schema: GraphSchema
  readonly train: readonly AttributedGraph[]
  readonly kernel: 'emd' | 'tv'
  readonly most: number
}

function compared(
  real: readonly AttributedGraph[],
  generated: readonly AttributedGraph[],
  { schema, train, kernel, most }: Comparison,
): Record<string, number> {
  const [a, b] = [real.slice(0, most), generated.slice(0, most)]
  const hasEdges = (graphs: readonly AttributedGraph[]) => graphs.some(({ edges }) => edges.length > 0)
  const mmds = graphStatistics.map(
    (name) => [`${name} MMD²`, hasEdges(a) && hasEdges(b) ? graphMmd(name, a, b, { kernel }) : Number.NaN] as const,
  )
  const marginals = schema.edge.flatMap(({ name, type }, c) =>
    type === 'categorical' ? [] : [[`W1 of ${name}`, wasserstein(edgeColumn(real, c), edgeColumn(generated, c))] as const],
  )
  const elements = elementsOf(schema)
  const { copies, nearest } = elements ? { copies: undefined, nearest: undefined } : novelty(generated, train, schema)
  return {
    ...Object.fromEntries(mmds),
    ...Object.fromEntries(marginals),
    'triple MMD²': a.length > 1 ? tripleMmd(a, b, schema.edge.length) : Number.NaN,
    'isolated nodes': isolatedShare(generated),
    ...(elements ? { ...scoreMolecules(generated, { real, train }, elements) } : { copies: copies!, 'nearest distance': nearest! }),
  }
}

const edgeColumn = (graphs: readonly AttributedGraph[], c: number): number[] =>
  graphs.flatMap(({ edges }) => edges.map((edge) => edge[c + 2]))
