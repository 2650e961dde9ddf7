import { lowerGraph } from '../compile/lower.ts'
import { closeOverData } from '../compile/program.ts'
import { simplify } from '../compile/simplify.ts'
import { InputError } from '../errors.ts'
import type { Aval, Node } from '../graph/node.ts'
import { tensorPaths, tensorsOf, trace } from '../graph/trace.ts'
import { bytesOf, type OnnxGraph, type OnnxModel } from './format.ts'
import { withFunctions } from './functions.ts'
import { type OpenAval, withOpenAxes, withSymbolicBatch } from './symbolic.ts'
import { modelOf, type WriteOptions, type WrittenModel, writeModel } from './write.ts'

export interface ExportOptions {
  /** What the arguments are called; the names of inputs begin with it: `['params', 'x']` gives `params.layers.0.w` and `x`. */
  readonly arguments?: readonly string[]
  /** Names of the inputs, in the order of the tensors among the arguments. Default: their paths. */
  readonly inputs?: readonly string[]
  /** Names of the outputs. Default: their paths, after `next.` where an input has the same name (the state of a training step). */
  readonly outputs?: readonly string[]
  /** Names of inputs whose first axis is a batch of any size. Refused where the function depends on the size. */
  readonly batch?: readonly string[]
  /**
   * Instead of `batch`: for inputs, by their names, names of the axes that may have any size; numbers stay as they are. Axes of one name have one size.
   * Refused where the function depends on such a size otherwise than by extents.
   */
  readonly axes?: Readonly<Record<string, readonly (number | string)[]>>
  /** A text that readers show beside the model. */
  readonly doc?: string
  readonly metadata?: Readonly<Record<string, string>>
}

/**
 * A function as a standard ONNX model (opset 21): inference, or a whole training step. Tensors that it uses beside its arguments, such as
 * trained weights, are stored in the model.
 *
 * @example
 * import { writeFileSync } from 'node:fs'
 *
 * const w = tensor([1, 2])
 * writeFileSync('model.onnx', exportOnnx((x: Tensor) => mul(x, w), [zeros([8, 2])], { arguments: ['x'], batch: ['x'] }))
 * const step = (w: Tensor, x: Tensor) => sub(w, grad((w: Tensor) => sum(square(mul(w, x))))(w))
 * writeFileSync('step.onnx', exportOnnx(step, [w, zeros([2])], { arguments: ['w', 'x'] }))
 */
export const exportOnnx = <A extends unknown[]>(fn: (...args: A) => unknown, examples: A, options: ExportOptions = {}): Uint8Array =>
  writeModel(onnxModel(fn, examples, options)).model

/** As `exportOnnx`, with large tensors apart, for a file beside the model. */
export const exportOnnxParts = <A extends unknown[]>(
  fn: (...args: A) => unknown,
  examples: A,
  options: ExportOptions & WriteOptions,
): WrittenModel => writeModel(onnxModel(fn, examples, options), options)

/** The model that `exportOnnx` writes, as plain data. */
export function onnxModel<A extends unknown[]>(fn: (...args: A) => unknown, examples: A, options: ExportOptions = {}): OnnxModel {
  const names = inputNames(examples, options)
  const built: Lowered[] = []
  const build = (avals?: readonly Aval[]): OnnxGraph => {
    built.push(lowered(fn, examples, names, options, avals))
    return built.at(-1)!.graph
  }
  const flat = options.axes
    ? withOpenAxes(build, openInputs(tensorsOf(examples), names, options.axes)).graph
    : options.batch
      ? withSymbolicBatch(build, tensorsOf(examples), names, options.batch)
      : build()
  const { graph, functions } = withFunctions(flat, built[0])
  return modelOf(graph, { functions, doc: options.doc ?? '', metadata: options.metadata ?? {} })
}

function openInputs(examples: readonly Aval[], names: readonly string[], axes: NonNullable<ExportOptions['axes']>): OpenAval[] {
  const unknown = Object.keys(axes).find((name) => !names.includes(name))
  if (unknown !== undefined) throw new InputError(`exportOnnx: no input is called '${unknown}'`, { fix: `there are ${names.join(', ')}` })
  return examples.map(({ shape, dtype }, i) => {
    const named = axes[names[i]] ?? shape
    if (named.length !== shape.length)
      throw new InputError(`exportOnnx: input '${names[i]}' has ${shape.length} axes, but ${named.length} names for them`)
    return { dtype, shape: named }
  })
}

const legal = (path: string): string => path.replace(/[^\w.]/g, '_')

function inputNames(examples: readonly unknown[], options: ExportOptions): readonly string[] {
  const paths = tensorPaths(examples).map(legal)
  const named = (path: string) => path.replace(/^\d+/, (index) => options.arguments?.[Number(index)] ?? `input.${index}`)
  return requireNames('inputs', options.inputs ?? paths.map(named), paths.length)
}

function outputNames(result: unknown, inputs: readonly string[], options: ExportOptions): readonly string[] {
  const paths = tensorPaths([result]).map((path) => legal(path.replace(/^0\.?/, '')) || 'output')
  const given = options.outputs ?? paths.map((path) => (inputs.includes(path) ? `next.${path}` : path))
  const names = requireNames('outputs', given, paths.length)
  const taken = names.find((name) => inputs.includes(name))
  if (taken !== undefined)
    throw new InputError(`exportOnnx: '${taken}' names an input and an output`, { fix: 'give `outputs` other names' })
  return names
}

function requireNames(what: string, names: readonly string[], count: number): readonly string[] {
  if (names.length !== count) throw new InputError(`exportOnnx: there are ${count} ${what}, but ${names.length} names for them`)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new InputError(`exportOnnx: two ${what} would be called '${twice}'`, { fix: `name the ${what} yourself` })
  return names
}

interface Lowered {
  readonly graph: OnnxGraph
  /** The operation that a node comes from, by the node's name. */
  readonly origins: ReadonlyMap<string, Node>
  /** The names of what is stored that a user would not call a weight. */
  readonly constants: ReadonlySet<string>
}

function lowered<A extends unknown[]>(
  fn: (...args: A) => unknown,
  examples: A,
  names: readonly string[],
  options: ExportOptions,
  avals?: readonly Aval[],
): Lowered {
  const traced = trace(fn as never, examples, avals)
  const outputs = outputNames(traced.result, names, options)
  const { graph, captured } = closeOverData({ parameters: traced.parameters, outputs: simplify(traced.outputs) })
  const weights = captured.map((array, i) => ({ name: `weight.${i}`, dtype: array.dtype, shape: array.shape, bytes: bytesOf(array) }))
  const origins = new Map<string, Node>()
  const plain = lowerGraph(graph, [...names, ...weights.map(({ name }) => name)], outputs, { portable: true, origins })
  const inputs = plain.inputs.slice(0, names.length)
  return {
    graph: { ...plain, inputs, initializers: [...plain.initializers, ...weights] },
    origins,
    constants: new Set(plain.initializers.map(({ name }) => name)),
  }
}
