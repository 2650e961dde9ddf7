import type { NDArray } from '../array.ts'
import { tensorPaths, trace } from '../graph/trace.ts'
import { lowerGraph } from './lower.ts'
import { bytesOf, encodeModel, type OnnxGraph } from './onnx.ts'
import { closeOverData } from './program.ts'
import { simplify } from './simplify.ts'

export interface ExportOptions {
  /** Names of the inputs, in the order of the tensors among the arguments. Default: their paths. */
  readonly inputs?: readonly string[]
  readonly outputs?: readonly string[]
  readonly metadata?: Readonly<Record<string, string>>
}

/**
 * A function as a standard ONNX model (opset 21). Tensors that it uses beside its arguments, such as trained weights, are stored in the model.
 *
 * @example
 * await writeFile('model.onnx', exportOnnx((x) => model.apply(params, x), [zeros([1, 784])]))
 */
export function exportOnnx<A extends unknown[]>(fn: (...args: A) => unknown, examples: A, options: ExportOptions = {}): Uint8Array {
  const traced = trace(fn as never, examples)
  const { graph, captured } = closeOverData({ parameters: traced.parameters, outputs: simplify(traced.outputs) })
  const safe = (path: string) => path.replace(/[^\w.]/g, '_')
  const inputs = options.inputs ?? tensorPaths(examples).map((path) => `input.${safe(path)}`)
  const outputs = options.outputs ?? tensorPaths([traced.result]).map((path) => `output.${safe(path)}`)
  const weights = captured.map((_, i) => `weight${i}`)
  const model = lowerGraph(graph, [...inputs, ...weights], outputs, { portable: true })
  const stored = captured.map((array, i) => ({ name: weights[i], array }))
  return encodeModel(withWeights(model, stored), options.metadata)
}

const withWeights = (graph: OnnxGraph, weights: readonly { name: string; array: NDArray }[]): OnnxGraph => ({
  ...graph,
  inputs: graph.inputs.slice(0, graph.inputs.length - weights.length),
  initializers: [
    ...graph.initializers,
    ...weights.map(({ name, array }) => ({ name, dtype: array.dtype, shape: array.shape, bytes: bytesOf(array) })),
  ],
})
