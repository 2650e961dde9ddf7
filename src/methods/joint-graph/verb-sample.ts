import { z } from 'zod'
import { InputError } from '../../engine/index.ts'
import { writeAtomically } from '../../experiment/index.ts'
import { type AttributedGraph, checkValence, drawGraphs, elementsOf, formatOf, graphFormats, graphsText } from '../../kits/graphs/index.ts'
import { verb } from '../method.ts'
import type { JointModel } from './diffusion.ts'
import { sampleGraphs } from './generator.ts'
import { loadModel } from './model-file.ts'
import { ownGraphs } from './own-graphs.ts'
import { givenGraph, givenNodes } from './partial.ts'

export const sampleVerb = verb({
  name: 'sample',
  summary: {
    en: 'Generates graphs, or completes ones of which nodes or a part are given; molecules are checked for their valences',
    zh: '生成图，或补全只给出节点或部分的图；分子会检查价键',
  },
  options: z.object({
    model: z.string().describe('the folder that train wrote'),
    count: z.number().int().min(1).max(1_000_000).default(100).describe('graphs'),
    nodes: z.number().int().positive().optional().describe('nodes of each; default: drawn as the training graphs have them'),
    steps: z.number().int().positive().default(250).describe('steps of sampling'),
    seed: z.number().int().nonnegative().default(0).describe('the same seed, the same graphs'),
    complete: z.string().optional().describe('a file of graphs to complete: with --nodes by more nodes, with --nodes-only by edges'),
    nodesOnly: z.boolean().default(false).describe('keep only the nodes of the graphs to complete, and generate the edges'),
    onlyValid: z.boolean().default(false).describe('write valid molecules only; they are counted before'),
    format: z.enum(graphFormats).optional().describe('default: by the ending of --out'),
    out: z.string().default('generated.jsonl').describe('file for the graphs: .jsonl, .smi, .edges, .graphml or .dot'),
    picture: z.string().optional().describe('an SVG with some of them'),
  }),
  positional: 'model',
  out: 'file',
  example: 'quire joint-graph sample molecules --count 24 --steps 50 --out generated.smi --picture generated.svg',
  async run({ options, log, progress }) {
    const { count, nodes, steps, seed, out, picture } = options
    requireCompletion(options)
    const model = loadModel(options.model)
    const format = options.format ?? formatOf(out)
    if (!format) throw new InputError('says no format', { where: out, fix: 'give --format, or an ending such as .jsonl' })
    const elements = elementsOf(model.schema)
    if (format === 'smiles' && !elements)
      throw new InputError('these graphs are no molecules', { where: '--format smiles', fix: 'choose jsonl or graphml' })
    if (options.onlyValid && !elements) throw new InputError('only molecules have valences', { where: '--only-valid' })
    const complete = options.complete === undefined ? undefined : await partial(options.complete, options, model, log)
    const graphs = await sampleGraphs(model, { count, nodes, steps, seed, complete, onStep: (done, total) => progress(done, total) })
    const isValid = (graph: AttributedGraph) => checkValence(graph, elements!).valid
    const valid = elements ? graphs.filter(isValid) : graphs
    const kept = options.onlyValid ? valid : graphs
    writeAtomically(out, graphsText(kept, model.schema, format))
    const shown = kept.slice(0, 24)
    if (picture !== undefined && shown.length > 0) writeAtomically(picture, drawGraphs('generated', inRows(shown), model.schema))
    return {
      lines: [
        ...(elements ? [`valid: ${valid.length} of ${graphs.length} molecules (valences kept, in one piece), before any correction`] : []),
        `written: ${out} (${kept.length} graphs)${picture !== undefined && shown.length > 0 ? `, ${picture}` : ''}`,
      ],
      json: {
        count: graphs.length,
        ...(elements && { valid: valid.length }),
        written: kept.length,
        out,
        ...(picture !== undefined && { picture }),
      },
    }
  },
})

/** Six a row. */
const inRows = (graphs: readonly AttributedGraph[]) =>
  Array.from({ length: Math.ceil(graphs.length / 6) }, (_, r) => ({ label: '', graphs: graphs.slice(6 * r, 6 * r + 6) }))

interface Completion {
  readonly complete?: string
  readonly nodes?: number
  readonly nodesOnly: boolean
}

/** @throws InputError for options of completion that do not go together. */
function requireCompletion({ complete, nodes, nodesOnly }: Completion): void {
  if (nodesOnly && complete === undefined)
    throw new InputError('there are no graphs whose nodes to keep', { where: '--nodes-only', fix: 'give --complete FILE' })
  if (nodesOnly && nodes !== undefined)
    throw new InputError('--nodes-only adds no nodes', { where: `--nodes ${nodes}`, fix: 'leave one of them out' })
  if (complete !== undefined && !nodesOnly && nodes === undefined)
    throw new InputError('nothing is left to generate', {
      where: '--complete',
      fix: 'give --nodes-only, or --nodes with more nodes than the graphs have',
    })
}

async function partial(path: string, { nodes, nodesOnly }: Completion, model: JointModel, log: (line: string) => void) {
  const { graphs } = await ownGraphs(path, { skipBad: false }, log, { schema: model.schema })
  return graphs.map((graph) => (nodesOnly ? givenNodes(graph) : givenGraph(graph, nodes)))
}
