import { z } from 'zod'
import { InputError } from '../../engine/index.ts'
import { writeAtomically, writeJson } from '../../experiment/index.ts'
import { drawGraphs, formatOf, graphFormats, graphsText } from '../../kits/graphs/index.ts'
import { verb } from '../method.ts'
import { ownGraphs, readingOptions } from './own-graphs.ts'

export const convertVerb = verb({
  name: 'convert',
  summary: {
    en: 'Turns graphs from one format into another (SMILES, JSONL, edge lists, GraphML, DOT), checks them and draws them',
    zh: '在格式之间转换图（SMILES、JSONL、边列表、GraphML、DOT），并检查与绘制',
  },
  options: z.object({
    data: z.string().describe('.jsonl, .smi or .csv (SMILES), .edges or .txt (edge lists), .graphml, or a TU folder'),
    ...readingOptions,
    format: z.enum(graphFormats).optional().describe('default: by the ending of --out'),
    out: z.string().default('graphs.jsonl').describe('file for the graphs: .jsonl, .smi, .edges, .graphml or .dot'),
    writeSchema: z.string().optional().describe('file for the schema, as JSON'),
    picture: z.string().optional().describe('an SVG with the first ones'),
  }),
  positional: 'data',
  out: 'file',
  example: 'quire joint-graph convert scenes.jsonl --schema scenes.schema.json --out scenes.graphml --picture scenes.svg',
  async run({ options, log }) {
    const { data, out, picture, writeSchema } = options
    const format = options.format ?? formatOf(out)
    if (!format) throw new InputError('says no format', { where: out, fix: 'give --format, or an ending such as .jsonl' })
    const { graphs, schema, skipped } = await ownGraphs(data, options, log)
    writeAtomically(out, graphsText(graphs, schema, format))
    if (writeSchema !== undefined) writeJson(writeSchema, schema)
    const shown = graphs.slice(0, 12)
    const rows = [shown.slice(0, 6), shown.slice(6)].filter(({ length }) => length > 0).map((graphs) => ({ label: '', graphs }))
    if (picture !== undefined) writeAtomically(picture, drawGraphs(data, rows, schema))
    const left = skipped.length > 0 ? `; ${skipped.length} left out` : ''
    return {
      lines: [`written: ${out} (${graphs.length} graphs${left})${picture === undefined ? '' : `, ${picture}`}`],
      json: { graphs: graphs.length, skipped: skipped.map(({ where, why }) => ({ where, why })), schema, out },
    }
  },
})
