import { fold, fromArray, jit, key, mean, type NDArray, ndarray, type Tensor } from '../../engine/index.ts'
import { type AttributedGraph, decodeGraphs, encodeGraphs, fitScales, type GraphSchema, vectorLength } from '../../kits/graphs/index.ts'
import { defaultProcess, errorWeights, type JointModel, type JointProcessConfig, jointProcess } from './diffusion.ts'
import { jointNetwork, type NetworkConfig, type NetworkParams } from './network.ts'
import { knownCoordinates, type PartialGraph } from './partial.ts'
import { drawSizes, type SampleOptions, sampleVectors } from './sampler.ts'
import { defaultRecipe, type JointTrainer, jointLoss, jointTrainer, levelsAt, type TrainingRecipe } from './trainer.ts'

const defaultNetwork: NetworkConfig = { width: 48, edgeWidth: 24, layers: 3, heads: 4, triangle: true }

export interface TrainOptions extends Partial<TrainingRecipe> {
  readonly network?: Partial<NetworkConfig>
  readonly process?: JointProcessConfig
}

/** A training of a generator, step by step, and the model that it comes to. */
export interface GeneratorTraining {
  readonly trainer: JointTrainer<NetworkParams>
  readonly recipe: TrainingRecipe
  model(params: NetworkParams): JointModel
}

/**
 * Prepares the training of a generator of graphs like the given ones.
 *
 * @throws InputError where there is no graph.
 * @example
 * import { signedBalance, signedBalanceSchema } from 'quire/graphs'
 *
 * const graphs = signedBalance({ count: 64, seed: 0 })
 * const options = { steps: 2, batch: 8, network: { width: 8, edgeWidth: 4, layers: 1, heads: 2 } }
 * const { trainer, recipe, model } = trainingOf(graphs, signedBalanceSchema(), options)
 * let state = trainer.start()
 * for (let k = 0; k < recipe.steps; k++) state = (await trainer.step(state, k)).state
 * const [graph] = await sampleGraphs(model(state.ema), { count: 1, steps: 5 })
 * graph.n // 8
 */
export function trainingOf(graphs: readonly AttributedGraph[], schema: GraphSchema, options: TrainOptions = {}): GeneratorTraining {
  const { network: own, process = { nodes: defaultProcess, edges: defaultProcess }, ...rest } = options
  const recipe = { ...defaultRecipe, ...rest }
  const config = { ...defaultNetwork, triangle: schema.maxNodes <= 40, ...own }
  const scales = fitScales(graphs, schema)
  const data = encodeGraphs(graphs, schema, scales)
  const trainer = jointTrainer(jointNetwork(schema, config), schema, jointProcess(process), data, recipe)
  const sizes = new Array<number>(schema.maxNodes).fill(0)
  for (const { n } of graphs) sizes[n - 1]++
  return { trainer, recipe, model: (params) => ({ schema, scales, process, network: config, params, sizes }) }
}

export interface GraphSampleOptions extends Partial<Pick<SampleOptions, 'seed' | 'clip' | 'batch' | 'guide' | 'onStep'>> {
  readonly count: number
  /** Default: 250. */
  readonly steps?: number
  /** Nodes of every graph. Default: drawn from the training set's numbers. */
  readonly nodes?: number
  /** What is given of each graph, one after another, again from the first when there are more graphs: it is kept, and the rest is made to fit. */
  readonly complete?: readonly PartialGraph[]
}

/**
 * Graphs drawn from a model. The same seed gives the same graphs, whatever is drawn beside them.
 *
 * @throws InputError for a number of nodes that the model does not know.
 * @example
 * import { signedBalance, signedBalanceSchema } from 'quire/graphs'
 *
 * const graphs = signedBalance({ count: 4, seed: 0 })
 * const { trainer, model } = trainingOf(graphs, signedBalanceSchema(), { batch: 4, network: { width: 8, edgeWidth: 4, layers: 1, heads: 2 } })
 * const more = await sampleGraphs(model(trainer.start().params), { count: 2, steps: 3, complete: [givenNodes(graphs[0])] })
 * more.length // 2
 */
export async function sampleGraphs(model: JointModel, options: GraphSampleOptions): Promise<AttributedGraph[]> {
  const { schema, scales } = model
  const { count, steps = 250, seed = 0, nodes, complete, ...more } = options
  const partial = complete && Array.from({ length: count }, (_, i) => complete[i % complete.length])
  const drawn = drawSizes(model.sizes, count, seed)
  const sizes = Int32Array.from(drawn, (size, i) => partial?.[i].n ?? nodes ?? size)
  const known = partial && knownCoordinates(partial, schema, scales)
  const { x } = await sampleVectors(
    jointNetwork(schema, model.network),
    model.params,
    { schema, process: jointProcess(model.process) },
    { ...more, count, steps, seed, sizes, known },
  )
  return decodeGraphs(x, sizes, schema, scales)
}

/**
 * How well a model predicts the noise in graphs: the mean loss over `times` equal times, for each graph. Larger means less like the training set; it is the
 * denoising loss, no logarithm of a density.
 *
 * @example
 * import { signedBalance, signedBalanceSchema } from 'quire/graphs'
 *
 * const graphs = signedBalance({ count: 4, seed: 0 })
 * const { trainer, model } = trainingOf(graphs, signedBalanceSchema(), { batch: 4, network: { width: 8, edgeWidth: 4, layers: 1, heads: 2 } })
 * const losses = await denoisingLosses(model(trainer.start().params), graphs)
 * losses.length // 4
 */
export async function denoisingLosses(
  model: JointModel,
  graphs: readonly AttributedGraph[],
  { times = 20, seed = 0 } = {},
): Promise<number[]> {
  const { schema, scales } = model
  const { x, label } = encodeGraphs(graphs, schema, scales)
  const network = jointNetwork(schema, model.network)
  const process = jointProcess(model.process)
  const { total } = vectorLength(schema)
  const loss = jit((params: NetworkParams, batch: Parameters<typeof jointLoss<NetworkParams>>[2]) =>
    mean(jointLoss(network, params, batch)),
  )
  const levels = Array.from({ length: times }, (_, k) => (k + 0.5) / times)
  const found: number[] = []
  for (let g = 0; g < graphs.length; g++) {
    const row = repeated(x, g, total, times)
    const sizes = ndarray(new Int32Array(times).fill(label.data[g]), [times], 'int32')
    const batch = {
      x: fromArray(row),
      sizes: fromArray(sizes),
      weights: fromArray(errorWeights(sizes.data, schema)),
      key: fold(fold(key(seed), g), 0) as Tensor,
      ...levelsAt(schema, process, levels),
    }
    found.push(await loss(model.params, batch).item())
  }
  return found
}

function repeated({ data }: NDArray, row: number, total: number, times: number): NDArray {
  const all = new Float32Array(times * total)
  for (let k = 0; k < times; k++) all.set(data.subarray(row * total, (row + 1) * total) as Float32Array, k * total)
  return ndarray(all, [times, total], 'float32')
}
