import { buffersOf, bytesOf, peakOf } from '../../engine/compile/memory.ts'
import { listing } from '../../engine/compile/order.ts'
import { simplify } from '../../engine/compile/simplify.ts'
import type { Aval } from '../../engine/graph/node.ts'
import { trace } from '../../engine/graph/trace.ts'
import { add, InputError, jvp, key, matmul, random, swapLast, type Tensor, tanh, tensor, valueAndGrad } from '../../engine/index.ts'
import { crossEntropy, type LayeredParams, lecunNormal, type Model, mlp } from '../../nn/index.ts'
import type { Loss, Optimizer } from '../../optim/index.ts'
import { type Constraints, onMatrices } from './constraints.ts'
import { forwardFrankWolfe } from './forward-frank-wolfe.ts'
import { frankWolfe } from './frank-wolfe.ts'

/**
 * A training step by its derivatives. `forward`: forward-gradient Frank-Wolfe with an average. `reverse`: Frank-Wolfe with exact gradients, without one.
 * `tapeKept`: forward mode with each layer's value and tangent as a result, so that nothing can be freed.
 */
export type MemoryMode = 'forward' | 'reverse' | 'tapeKept'

export interface DeepNetwork {
  readonly depth: number
  readonly width: number
  readonly batch: number
}

export const classes = 10

/** Hidden layers of equal width with tanh, inputs as wide. */
export const deepNetwork = ({ depth, width }: DeepNetwork): Model<LayeredParams> =>
  mlp({ sizes: [...new Array<number>(depth + 1).fill(width), classes], activation: tanh, weight: lecunNormal })

const constraints: Constraints = onMatrices({ kind: 'l2', radius: 100 })

/** The optimizer of a mode: one keeps the parameters and d, the other the parameters. */
export const optimizerFor = (mode: MemoryMode): Optimizer =>
  (mode === 'reverse'
    ? frankWolfe({ constraints, averaging: 'none' })
    : forwardFrankWolfe({ constraints, averaging: { power: 0.9 } })) as Optimizer

/** Bytes of one training step's graph, run in the order that the compiler chooses, with the buffers that the runtime shares among its values. */
export interface MemoryPlan {
  /** The most at any moment that grows with the batch: values and tangents of layers. */
  readonly activationBytes: number
  /** The most at any moment of everything else between the arguments and the results: directions, gradients, all as large as parameters. */
  readonly parameterBytes: number
  /** Parameters and the optimizer's state, which outlive a step. */
  readonly stateBytes: number
}

/**
 * What a step of a deep network holds in memory.
 *
 * @throws InputError where the batch cannot be told from a layer's extent.
 * @example
 * const network = { depth: 16, width: 64, batch: 32 }
 * const [forward, reverse] = [memoryPlan(network, 'forward'), memoryPlan(network, 'reverse')]
 */
export function memoryPlan(network: DeepNetwork, mode: MemoryMode): MemoryPlan {
  const { batch, width } = network
  if (batch === width || batch === classes)
    throw new InputError(`batch ${batch} is also an extent of the layers, so that activations look like weights`, {
      fix: 'give another batch',
    })
  const model = deepNetwork(network)
  const optimizer = optimizerFor(mode)
  const params = model.init(key(0))
  const state = optimizer.init(params)
  const inputs = { x: random.normal(key(1), [batch, width]), y: tensor(new Int32Array(batch)) }
  const { parameters, outputs } = trace(stepOf(model, optimizer, mode) as never, [params, state, inputs])
  const graph = { parameters, outputs: simplify(outputs) }
  const isActivation = ({ shape }: Aval) => shape.includes(batch)
  const results = graph.outputs.filter(isActivation).reduce((total, node) => total + bytesOf(node), 0)
  const held = parameters.filter((node) => !isActivation(node)).reduce((total, node) => total + bytesOf(node), 0)
  const buffers = buffersOf(graph, listing(graph).run)
  const peakWhere = (holds: (aval: Aval) => boolean) => peakOf(buffers.filter(({ holders: [{ node }] }) => holds(node))).bytes
  return {
    activationBytes: peakWhere(isActivation) + results,
    parameterBytes: peakWhere((aval) => !isActivation(aval)),
    stateBytes: held,
  }
}

type Inputs = { readonly x: Tensor; readonly y: Tensor }

/** Loss, derivatives and update, as a training step has them. */
const stepOf =
  (
    model: Model<LayeredParams>,
    { differentiate = (loss, { params }) => valueAndGrad(loss)(params), update }: Optimizer,
    mode: MemoryMode,
  ) =>
  (params: LayeredParams, state: unknown, { x, y }: Inputs) => {
    const loss: Loss<LayeredParams> = (p) => crossEntropy(model.apply(p, x), y)
    const { value, gradient } = differentiate(loss, { params, state })
    const next = update({ gradients: gradient, state, params })
    return { value, params: next.params, state: next.state, tape: mode === 'tapeKept' ? tapeOf(params, x) : [] }
  }

/** Value and tangent of each layer, along the parameters themselves. */
function tapeOf(params: LayeredParams, x: Tensor): unknown {
  const layers = (p: LayeredParams) => {
    const values: Tensor[] = []
    for (const { weight, bias } of p.layers) values.push(tanh(add(matmul(values.at(-1) ?? x, swapLast(weight)), bias)))
    return values
  }
  return jvp(layers, [params], [params])
}
