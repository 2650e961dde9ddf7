import { z } from 'zod'
import { makeFolder } from '../../experiment/index.ts'
import { forgetUnfinished, trainResumably } from '../../train/resumable.ts'
import { verb } from '../method.ts'
import { defaultProcess } from './diffusion.ts'
import { trainingOf } from './generator.ts'
import { saveModel } from './model-file.ts'
import { ownGraphs, readingOptions } from './own-graphs.ts'

export const trainVerb = verb({
  name: 'train',
  summary: {
    en: 'Trains a generator on your graphs: JSONL, SMILES, edge lists, GraphML or a TU folder',
    zh: '在自己的图上训练生成器：JSONL、SMILES、边列表、GraphML 或 TU 文件夹',
  },
  options: z.object({
    data: z.string().describe('.jsonl, .smi or .csv (SMILES), .edges or .txt (edge lists), .graphml, or a TU folder'),
    ...readingOptions,
    steps: z.number().int().positive().default(1000).describe('steps of training'),
    batch: z.number().int().positive().default(128).describe('graphs a step'),
    learningRate: z.number().positive().default(2e-3).describe("peak of Adam's rate, which falls along a cosine"),
    width: z.number().int().positive().default(48).describe('extent of a node'),
    edgeWidth: z.number().int().min(2).default(24).describe('extent of a pair'),
    layers: z.number().int().positive().default(3).describe('layers of the network'),
    heads: z.number().int().positive().default(4).describe('heads of attention'),
    triangle: z.boolean().default(true).describe('the triangle update; off above 40 nodes in any case'),
    powers: z.number().int().positive().default(1).describe('powers of the noisy existence that pairs see'),
    lambda: z.number().positive().default(1).describe('weight of edges beside nodes in the loss'),
    ema: z.number().min(0).lt(1).default(0.995).describe('decay of the average of the parameters'),
    seed: z.number().int().nonnegative().default(0).describe('decides starting weights, order and noise'),
    out: z.string().default('runs/joint-graph/model').describe('folder for the model; a killed training goes on from there'),
  }),
  positional: 'data',
  example: 'quire joint-graph train molecules.smi --steps 150 --batch 32 --out molecules',
  async run({ options, log, progress }) {
    const { data, steps, batch, learningRate, width, edgeWidth, layers, heads, powers, lambda, ema, seed, out } = options
    const { graphs, schema, skipped } = await ownGraphs(data, options, log)
    log(
      `${graphs.length} graphs of at most ${schema.maxNodes} nodes; ${schema.node.length} attributes of nodes, ${schema.edge.length} of edges`,
    )
    const triangle = options.triangle && schema.maxNodes <= 40
    const network = { width, edgeWidth, layers, heads, triangle, powers }
    const process = { nodes: defaultProcess, edges: defaultProcess }
    const recipe = { steps, batch: Math.min(batch, graphs.length), learningRate, lambda, ema, seed }
    const { trainer, model } = trainingOf(graphs, schema, { ...recipe, network, process })
    makeFolder(out)
    const { state, losses, resumedAt } = await trainResumably({
      folder: out,
      recipe: { recipe, network, schema, graphs },
      steps,
      ...trainer,
      onStep: (k, loss) => progress(k + 1, steps, `loss ${loss.toFixed(3)}`),
    })
    if (resumedAt > 0) log(`went on from step ${resumedAt}`)
    await saveModel(out, model(state.ema))
    await forgetUnfinished(out)
    const last = [...losses.slice(-50)]
    const loss = last.reduce((sum, value) => sum + value, 0) / last.length
    return {
      lines: [
        `loss over the last ${last.length} steps: ${loss.toFixed(3)} (2 at the beginning: noise, unpredicted, of nodes and of edges)`,
        `model: ${out}`,
        `next: quire joint-graph sample ${out} --count 100 --picture graphs.svg`,
      ],
      json: { graphs: graphs.length, skipped: skipped.length, loss, losses: [...losses], out },
    }
  },
})
