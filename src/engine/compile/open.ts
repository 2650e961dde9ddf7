import { type NDArray, ndarray, sizeOf } from '../array.ts'
import { allocate, type DType } from '../dtype.ts'
import type { Aval } from '../graph/node.ts'
import { trace } from '../graph/trace.ts'
import { bytesOf, type OnnxGraph } from '../onnx/format.ts'
import { type OpenAval, withOpenAxes } from '../onnx/symbolic.ts'
import { encodeModel } from '../onnx/write.ts'
import { literal } from '../primitives/structural.ts'
import { getRuntime } from '../runtime/runtime.ts'
import { Tensor } from '../tensor.ts'
import { lowerGraph } from './lower.ts'
import { closeOverData } from './program.ts'
import { simplify } from './simplify.ts'

/** A compiled function of arrays whose shapes may differ from call to call. */
export interface OpenProgram {
  /** Result i is written into `into[i]` where given, which must have its shape. */
  run(inputs: readonly NDArray[], into?: readonly (NDArray | undefined)[]): Promise<NDArray[]> | NDArray[]
}

/** More than this is not put into a model, which may have 2 GB: it is fed at each run. */
const mostStored = 1.5 * 2 ** 30

/**
 * Compiles a function once for all sizes of its open axes, with the tensors that it uses beside its arguments (a network's weights) stored in the session,
 * where the runtime lays them out for its products. That makes a product of few rows faster, and takes the memory of the weights once more.
 * The function may use an open size only in shapes.
 *
 * @example
 * const weight = tensor([[1], [2]])
 * const program = await compileOpen((x: Tensor) => [matmul(x, weight)], [{ dtype: 'float32', shape: ['n', 2] }])
 * const [y] = await program.run([ndarray(Float32Array.of(1, 1, 2, 2), [2, 2], 'float32')])
 * y.shape // [2, 1]
 */
export async function compileOpen(fn: (...args: Tensor[]) => Tensor[], inputs: readonly OpenAval[]): Promise<OpenProgram> {
  let weights: readonly NDArray[] = []
  const { graph, sizesOf, shapesAt } = withOpenAxes((avals) => {
    const lowered = lowerAt(fn, avals)
    weights = lowered.weights
    return lowered.graph
  }, inputs)
  const stored = weights.reduce((sum, { data }) => sum + data.byteLength, 0) <= mostStored
  const names = { inputs: graph.inputs.map(({ name }) => name), outputs: graph.outputs.map(({ name }) => name) }
  const fed = stored ? names.inputs.slice(0, inputs.length) : names.inputs
  const model = stored ? withStored(graph, inputs.length, weights) : graph
  const results = graph.outputs.map(({ shape, dtype }) => ({
    shape: shape!.map((extent) => (extent === 0 ? 0 : 1024)),
    dtype: dtype as DType,
  }))
  const session = await (await getRuntime()).createSession(encodeModel(model), { inputs: fed, outputs: names.outputs, results })
  return {
    run(arrays, into = []) {
      const shapes = shapesAt(sizesOf(arrays.map(({ shape }) => shape)))
      const memory = shapes.map((shape, i) => into[i] ?? ndarray(allocate(results[i].dtype, sizeOf(shape)), shape, results[i].dtype))
      return session.run(stored ? arrays : [...arrays, ...weights], memory)
    },
  }
}

/** The function's graph at one choice of sizes, and the arrays that it uses, which follow its arguments among the inputs. */
function lowerAt(fn: (...args: Tensor[]) => Tensor[], avals: readonly Aval[]): { graph: OnnxGraph; weights: readonly NDArray[] } {
  const stands = avals.map(({ dtype }) => new Tensor(literal(0, dtype)))
  const traced = trace(fn as never, stands, avals)
  const { graph, captured } = closeOverData({ parameters: traced.parameters, outputs: simplify(traced.outputs) })
  const names = (prefix: string, list: readonly unknown[]) => list.map((_, i) => `${prefix}${i}`)
  return { graph: lowerGraph(graph, names('in', graph.parameters), names('out', graph.outputs)), weights: captured }
}

/** The graph with the inputs from `from` on as stored tensors. */
function withStored(graph: OnnxGraph, from: number, weights: readonly NDArray[]): OnnxGraph {
  const tensors = weights.map((array, i) => ({ ...array, name: graph.inputs[from + i].name, bytes: bytesOf(array) }))
  return { ...graph, inputs: graph.inputs.slice(0, from), initializers: [...graph.initializers, ...tensors] }
}
