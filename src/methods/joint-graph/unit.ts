import { leaves, type Tensor } from '../../engine/index.ts'
import { writeSafetensors } from '../../engine/safetensors.ts'
import type { Findings, UnitContext } from '../../experiment/index.ts'
import {
  type AttributedGraph,
  channelsOf,
  decodeGraphs,
  encodeGraphs,
  fitScales,
  type GraphSchema,
  writeGraphLines,
} from '../../kits/graphs/index.ts'
import { fromArrays, toArrays } from '../../train/index.ts'
import { asWeighted, erdosRenyi, fitWeightedAdjacency, fromWeighted, resampled, resampledShuffled } from './baselines.ts'
import { type Config, sizesOf } from './config.ts'
import { jointProcess } from './diffusion.ts'
import { gdssData, gdssGraphs } from './gdss/molecules.ts'
import { gdssConfigs } from './gdss/networks.ts'
import { sampleGdss } from './gdss/sampler.ts'
import type { GdssRecipe } from './gdss/scores.ts'
import { gdssTrainer } from './gdss/trainer.ts'
import { measure, measureReal } from './measure.ts'
import { jointNetwork } from './network.ts'
import { drawSizes, sampleVectors } from './sampler.ts'
import { graphsOf, type Loaded, shuffledEdges, type TaskGraphs } from './tasks.ts'
import { defaultRecipe, jointTrainer } from './trainer.ts'
import { existenceSchema, fitAttributeModel, withoutAttributes } from './two-stage.ts'

export type Context = UnitContext<Config, Loaded>

/** Trains one arm, generates graphs by it, and measures them. */
export async function unit(context: Context): Promise<Findings> {
  const { arm, config, data, seed, artifact } = context
  const graphs = graphsOf(config, data, seed)
  const { graphs: generated, parameters = 0, ...more } = await generatedBy(context, graphs)
  const { measurements, items } = measure(config.task, generated, graphs, seed)
  if (seed === 0) await artifact('samples.jsonl', writeGraphLines(generated, graphs.schema))
  return {
    measurements: { ...measurements, ...more.measurements, parameters },
    items: { [config.task]: items },
    cost: { parameters },
    ...(seed === 0 && { series: ruleSeries(config, generated) }),
    ...(arm.kind === 'method' && { details: { real: measureReal(config.task, graphs, seed) } }),
  }
}

interface Generated {
  readonly graphs: readonly AttributedGraph[]
  readonly parameters?: number
  readonly measurements?: Readonly<Record<string, number>>
}

async function generatedBy(context: Context, graphs: TaskGraphs): Promise<Generated> {
  const { config, seed } = context
  const { schema, train } = graphs
  const { samples } = sizesOf(config)
  switch (config.generator) {
    case 'diffusion':
      return diffused(context, schema, config.variant === 'shuffledTraining' ? shuffledEdges(train, seed) : train)
    case 'twoStage': {
      const first = await diffused(context, existenceSchema(schema), withoutAttributes(train))
      const { steps, batch, learningRate } = { ...config, ...sizesOf(config) }
      // The second stage is small; it trains as many steps on batches of edges.
      const attributes = await fitAttributeModel(train, schema, { steps, batch: 8 * batch, learningRate, seed, onStep: context.progress })
      return { ...first, graphs: await attributes.complete(first.graphs, seed) }
    }
    case 'weighted': {
      const adjacency = fitWeightedAdjacency(train)
      const found = await diffused(context, schema, asWeighted(train, schema))
      return { ...found, graphs: fromWeighted(found.graphs, adjacency) }
    }
    case 'gdss':
      return gdss(context, graphs)
    case 'shuffledEdges':
      return { graphs: resampledShuffled(train, samples, seed) }
    case 'erdosRenyi':
      return { graphs: erdosRenyi(train, schema, samples, seed) }
    case 'resampled':
      return { graphs: resampled(train, samples, seed) }
  }
}

/** Trains the network from its last checkpoint on, and samples from the average of its parameters. */
async function diffused(context: Context, schema: GraphSchema, train: readonly AttributedGraph[]): Promise<Generated> {
  const { arm, config, seed, progress, artifact } = context
  const sizes = sizesOf(config)
  const steps = config.variant === 'undertrained' ? Math.max(1, Math.round(sizes.steps / 50)) : sizes.steps
  const { cut, triangle, heads, powers } = config
  const network = jointNetwork(schema, {
    width: sizes.width,
    edgeWidth: sizes.edgeWidth,
    layers: sizes.layers,
    heads,
    cut,
    triangle,
    powers,
  })
  const process = jointProcess({ nodes: { kind: 'vp', betas: config.betas }, edges: { kind: 'vp', betas: config.betas } })
  const scales = fitScales(train, schema)
  const data = encodeGraphs(train, schema, scales)
  const { batch, learningRate, ema, lambda } = config
  const trainer = jointTrainer(network, schema, process, data, { ...defaultRecipe, steps, batch, learningRate, ema, lambda, seed })
  const { state, stepSeconds } = await trained(context, trainer, steps)
  const counts = drawSizes(histogramOf(train, schema), sizes.samples, seed)
  const options = { count: sizes.samples, steps: sizes.sampleSteps, seed, sizes: counts, clip: config.clip }
  const { x, notFinite } = await sampleVectors(network, state.ema, { schema, process }, { ...options, onStep: progress })
  if (arm.kind === 'method') await artifact('weights.safetensors', writeSafetensors(await toArrays(state.ema)))
  return { graphs: decodeGraphs(x, counts, schema, scales), parameters: countOf(state.params), measurements: { notFinite, stepSeconds } }
}

interface Trainer<S> {
  start(): S
  step(state: S, k: number): Promise<{ readonly state: S; readonly loss: number }>
}

/** Trains from the last checkpoint on; logs the mean loss of the last twenty steps. */
async function trained<S>(
  { checkpoint, log, progress }: Context,
  trainer: Trainer<S>,
  steps: number,
): Promise<{ state: S; stepSeconds: number }> {
  const saved = await checkpoint.latest()
  let state = saved ? fromArrays(saved.tensors, trainer.start()) : trainer.start()
  let recent = (saved?.meta as { recent: number[] } | undefined)?.recent ?? []
  const begun = performance.now()
  const first = saved?.step ?? 0
  for (let k = first; k < steps; k++) {
    const next = await trainer.step(state, k)
    state = next.state
    recent = [...recent.slice(-19), next.loss]
    if ((k + 1) % 10 === 0 || k === 0) log(k + 1, { loss: recent.reduce((sum, loss) => sum + loss, 0) / recent.length })
    if (checkpoint.due()) await checkpoint.save(k + 1, await toArrays(state), { recent })
    await progress(k + 1, steps, `step ${k + 1}`)
  }
  return { state, stepSeconds: (performance.now() - begun) / 1000 / Math.max(1, steps - first) }
}

/** GDSS with the sizes and processes that its authors chose for QM9, on as many steps; its sampler corrects and predicts. */
async function gdss(context: Context, { schema, train }: TaskGraphs): Promise<Generated> {
  const { config, seed, progress } = context
  const { steps, samples, sampleSteps } = sizesOf(config)
  const recipe: GdssRecipe = {
    config: { ...gdssConfigs.qm9, features: channelsOf(schema).nodes },
    nodes: { kind: 've', sigmas: [0.1, 1] },
    edges: { kind: 've', sigmas: [0.1, 1] },
    steps,
    batch: config.batch,
    learningRate: 5e-3,
    weightDecay: 1e-4,
    ema: 0.999,
    seed,
  }
  const trainer = gdssTrainer(gdssData(train, schema), recipe)
  const { state } = await trained(context, trainer, steps)
  const sizes = drawSizes(histogramOf(train, schema), samples, seed)
  const options = { steps: sampleSteps, seed, sizes, sampler: 'pc', snr: 0.2, scale: 0.7, onStep: progress } as const
  const { x, adjacency } = await sampleGdss(state.ema, recipe, schema.maxNodes, options)
  return { graphs: gdssGraphs(x, adjacency, sizes), parameters: countOf(state.ema) }
}

const countOf = (params: unknown): number =>
  (leaves(params) as Tensor[]).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)

/** How many graphs have 1, 2, … nodes. */
export function histogramOf(graphs: readonly AttributedGraph[], { maxNodes }: GraphSchema): number[] {
  const counts = new Array<number>(maxNodes).fill(0)
  for (const { n } of graphs) counts[n - 1]++
  return counts
}

/** What some edges carry beside what their ends demand, where a rule says it. */
function ruleSeries({ task }: Config, graphs: readonly AttributedGraph[]): Findings['series'] {
  if (task !== 'traffic') return {}
  const points = graphs.flatMap(({ x, edges }) =>
    edges.map(([i, j, distance]) => ({ x: Math.hypot(x[i][0] - x[j][0], x[i][1] - x[j][1]), y: distance })),
  )
  const some = points.slice(0, 300)
  return { rule: { x: some.map(({ x }) => x), y: some.map(({ y }) => y) } }
}
