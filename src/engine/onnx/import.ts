import type { NDArray } from '../array.ts'
import { sameShape, sizeOf } from '../array.ts'
import { InputError } from '../errors.ts'
import { cast, fromArray, scalar } from '../ops.ts'
import { reference } from '../reference/evaluate.ts'
import { isTensor, Tensor } from '../tensor.ts'
import { type AttributeValue, isGraph, type OnnxFunction, type OnnxGraph, type OnnxModel, type OnnxNode, type OnnxValue } from './format.ts'
import { fitted, type Narrow, narrowOf } from './narrow.ts'
import { Call, type Subgraph, type Value } from './operators/call.ts'
import { operators } from './operators/index.ts'
import { type ReadOptions, readModel } from './read.ts'
import { arrayOf, dtypeOf, narrowed } from './tensors.ts'

export interface ImportOptions extends ReadOptions {
  /** Which stored tensors are parameters. Default: floats with at least one axis, but for those that only steer (running statistics, scales). */
  readonly parameters?: (name: string) => boolean
  /** Operators to compute in another way, by type: `{ Relu: (x) => div(softplus(mul(x, 10)), 10) }` smooths a network. */
  readonly replace?: Readonly<Record<string, (...inputs: Tensor[]) => Tensor>>
}

/** A model as a function of Quire. */
export interface ImportedModel {
  /** What the model takes and gives, with the extents that it states; a name stands for an extent chosen by the caller. */
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  /** The stored tensors that can be trained, by their names. */
  readonly parameters: Readonly<Record<string, Tensor>>
  /** What the file says of itself. */
  readonly metadata: Readonly<Record<string, string>>
  /** The types of its nodes, such as `Relu`. */
  readonly operators: ReadonlySet<string>
  /**
   * The outputs by name. Differentiable, and traced like any function: shapes are those of the inputs given. An input that steers shapes (the
   * new shape of a Reshape, say) is given as a host array, known while tracing.
   */
  apply(parameters: Readonly<Record<string, Tensor>>, inputs: Readonly<Record<string, Tensor | NDArray>>): Record<string, Tensor>
}

/**
 * Reads an ONNX model as a differentiable function. 64-bit and small integers are computed with int32 (those of 8 and 16 bits wrap), halves with
 * float32. What depends on shapes alone is computed while tracing. @throws InputError for a damaged file, and for an operator that is not read.
 *
 * @example
 * const bytes = exportOnnx((x: Tensor) => exp(x), [zeros([2])])
 * const model = importOnnx(bytes)
 */
export function importOnnx(bytes: Uint8Array, options: ImportOptions = {}): ImportedModel {
  const where = options.where ?? 'onnx'
  const model = readModel(bytes, { ...options, where })
  requireKnownOperators(model, where)
  const { parameters, constants } = storedTensors(model, where, options)
  const stored = new Set(model.graph.initializers.map(({ name }) => name))
  const inputs = model.graph.inputs.filter(({ name }) => !stored.has(name))
  return {
    inputs,
    outputs: model.graph.outputs,
    parameters,
    metadata: model.metadata,
    operators: new Set([...nodesOf(model)].map(({ type }) => type)),
    apply(params, given) {
      const scope = new Map(constants)
      for (const [name, original] of Object.entries(parameters)) scope.set(name, { tensor: parameter(name, original, params[name], where) })
      for (const input of inputs) scope.set(input.name, fitting(input, given[input.name], where))
      const unknown = Object.keys(given).find((name) => !inputs.some((input) => input.name === name))
      if (unknown !== undefined) throw new InputError(`there is no input '${unknown}'`, { where, fix: `it has ${namesOf(inputs)}` })
      const results = new Interpreter(model, where, options.replace).graph(model.graph, scope)
      return Object.fromEntries(model.graph.outputs.map(({ name }, i) => [name, results[i].tensor]))
    },
  }
}

const namesOf = (values: readonly OnnxValue[]): string => values.map(({ name }) => name).join(', ') || 'none'

// What the file stores

/** Inputs that steer an operator or are collected while training, by their place: not what a gradient should change. */
const steering: Readonly<Record<string, readonly number[]>> = {
  BatchNormalization: [3, 4],
  Dropout: [1],
  Range: [0, 1, 2],
  Resize: [1, 2],
  Upsample: [1],
  Pad: [2],
}

function storedTensors(
  model: OnnxModel,
  where: string,
  options: ImportOptions,
): { parameters: Record<string, Tensor>; constants: Map<string, Value> } {
  const steers = new Set(
    [...nodesOf(model)].flatMap(({ type, inputs }) => (Object.hasOwn(steering, type) ? steering[type].map((place) => inputs[place]) : [])),
  )
  const isParameter = options.parameters ?? ((name: string) => !steers.has(name))
  const parameters: Record<string, Tensor> = Object.create(null)
  const constants = new Map<string, Value>()
  for (const tensor of model.graph.initializers) {
    const array = arrayOf(tensor, where)
    const trainable = tensor.dtype.includes('float') && (tensor.shape.length > 0 || options.parameters !== undefined)
    if (trainable && isParameter(tensor.name)) parameters[tensor.name] = fromArray(array)
    else constants.set(tensor.name, knownValue(array, narrowOf(tensor.dtype)))
  }
  return { parameters: { ...parameters }, constants }
}

/** A known value. Single numbers become part of the compiled graph. */
const knownValue = (array: NDArray, narrow?: Narrow): Value => ({
  known: array,
  narrow,
  tensor: array.shape.length === 0 ? scalar(array.data[0], array.dtype) : fromArray(array),
})

function parameter(name: string, original: Tensor, given: Tensor | undefined, where: string): Tensor {
  if (given && isTensor(given) && sameShape(given.shape, original.shape)) return given
  const got = given ? `[${given.shape}]` : 'nothing'
  throw new InputError(`parameter '${name}' has shape [${original.shape}], got ${got}`, { where, fix: 'pass a tree like `parameters`' })
}

function fitting({ name, dtype, shape }: OnnxValue, given: Tensor | NDArray | undefined, where: string): Value {
  const wanted = `${dtype} [${shape?.map((extent) => extent || '?').join(', ') ?? '...'}]`
  if (!given) throw new InputError(`input '${name}', ${wanted}, is missing`, { where })
  const fits =
    !shape || (shape.length === given.shape.length && shape.every((extent, i) => typeof extent === 'string' || extent === given.shape[i]))
  if (!fits || (dtype && dtypeOf[dtype] !== given.dtype))
    throw new InputError(`input '${name}' takes ${wanted}, got ${given.dtype} [${given.shape.join(', ')}]`, { where })
  return isTensor(given) ? { tensor: given, narrow: narrowOf(dtype) } : knownValue(given, narrowOf(dtype))
}

// What the file computes

function* nodesOf(model: OnnxModel): Generator<OnnxNode> {
  function* inside(nodes: readonly OnnxNode[]): Generator<OnnxNode> {
    for (const node of nodes) {
      yield node
      for (const value of Object.values(node.attributes)) if (isGraph(value)) yield* inside(value.nodes)
    }
  }
  yield* inside(model.graph.nodes)
  for (const fn of model.functions) yield* inside(fn.nodes)
}

const functionKey = (domain: string, name: string): string => `${domain === 'ai.onnx' ? '' : domain}:${name}`

function requireKnownOperators(model: OnnxModel, where: string): void {
  const own = new Set(model.functions.map(({ domain, name }) => functionKey(domain, name)))
  for (const { type, domain = '', name } of nodesOf(model)) {
    const standard = (domain === '' || domain === 'ai.onnx') && Object.hasOwn(operators, type)
    if (standard || own.has(functionKey(domain, type))) continue
    throw new InputError(`the operator ${domain ? `${domain}.` : ''}${type} of node '${name}' is not read`, {
      where,
      fix: `Quire reads ${Object.keys(operators).sort().join(' ')}`,
    })
  }
}

/** A value of this size at most is computed while tracing, where it can be. */
const largestKnown = 2 ** 16

/** Functions calling functions could stand for a number of nodes that has no end. */
const mostNodes = 200_000
const deepestCall = 64

/** Walks the nodes of a model, and keeps what each name stands for. */
class Interpreter {
  readonly #functions: ReadonlyMap<string, OnnxFunction>
  readonly #model: OnnxModel
  readonly #where: string
  readonly #replace: NonNullable<ImportOptions['replace']>
  #visited = 0
  #depth = 0

  constructor(model: OnnxModel, where: string, replace: ImportOptions['replace'] = {}) {
    this.#model = model
    this.#where = where
    this.#replace = replace
    this.#functions = new Map(model.functions.map((fn) => [functionKey(fn.domain, fn.name), fn]))
  }

  /** The outputs of a graph whose inputs and captured values are in scope. */
  graph(graph: OnnxGraph, scope: Map<string, Value>, opsets = this.#model.opsets): Value[] {
    for (const initializer of graph.initializers)
      if (!scope.has(initializer.name)) scope.set(initializer.name, knownValue(arrayOf(initializer), narrowOf(initializer.dtype)))
    this.#nodes(graph.nodes, scope, opsets)
    return graph.outputs.map(({ name }) => this.#find(name, scope, 'an output'))
  }

  #find(name: string, scope: ReadonlyMap<string, Value>, what: string): Value {
    const value = scope.get(name)
    if (!value) throw new InputError(`${what} reads '${name}', which nothing has computed`, { where: this.#where })
    return value
  }

  #nodes(nodes: readonly OnnxNode[], scope: Map<string, Value>, opsets: OnnxModel['opsets']): void {
    for (const node of nodes) {
      const at = `${node.type} '${node.name || node.outputs[0]}'`
      if (++this.#visited > mostNodes) throw new InputError(`the model stands for more than ${mostNodes} nodes`, { where: this.#where })
      const values = node.inputs.map((name) => (name === '' ? undefined : this.#find(name, scope, at)))
      const results = this.#located(at, () => this.#results(node, values, scope, opsets))
      node.outputs.forEach((name, i) => {
        if (name && results[i]) scope.set(name, results[i])
      })
    }
  }

  /** Whatever an operator refuses is said of its node. */
  #located<T>(at: string, compute: () => T): T {
    try {
      return compute()
    } catch (error) {
      if (error instanceof InputError && error.where?.startsWith(this.#where)) throw error
      if (!(error instanceof InputError || error instanceof RangeError)) throw error
      throw new InputError(error.message, { where: `${this.#where}: ${at}`, cause: error })
    }
  }

  #results(
    node: OnnxNode,
    values: readonly (Value | undefined)[],
    scope: Map<string, Value>,
    opsets: OnnxModel['opsets'],
  ): readonly (Value | undefined)[] {
    const domain = node.domain === 'ai.onnx' ? '' : (node.domain ?? '')
    const fn = this.#functions.get(functionKey(domain, node.type))
    if (fn) return this.#function(fn, node, values)
    const subgraph = (name: string): Subgraph => {
      const graph = node.attributes[name] as OnnxGraph
      return (inputs) => {
        const inner = new Map(scope)
        graph.inputs.forEach((input, i) => {
          if (inputs[i]) inner.set(input.name, inputs[i])
        })
        return this.graph(graph, inner, opsets)
      }
    }
    const call = new Call(node, opsets[domain] ?? 0, values, subgraph)
    const results = Object.hasOwn(this.#replace, node.type) ? this.#replace[node.type](...call.inputs) : operators[node.type](call)
    const list = results instanceof Tensor ? [results] : results
    const isKnown = values.every((value) => value === undefined || value.known)
    const operands = values.map((value) => value?.narrow)
    return list.map((result, i) => {
      if (!(result instanceof Tensor)) return result
      const { tensor, narrow } = fitted(result, node, operands, i)
      return isKnown ? computed(tensor, narrow) : { tensor, narrow }
    })
  }

  #function(fn: OnnxFunction, node: OnnxNode, values: readonly (Value | undefined)[]): Value[] {
    if (++this.#depth > deepestCall) throw new InputError(`functions call each other more than ${deepestCall} deep`)
    const attributes = { ...fn.defaults, ...node.attributes }
    const scope = new Map<string, Value>()
    fn.inputs.forEach((name, i) => {
      if (values[i]) scope.set(name, values[i])
    })
    this.#nodes(
      fn.nodes.map((inner) => withAttributes(inner, attributes)),
      scope,
      fn.opsets,
    )
    this.#depth--
    return fn.outputs.map((name) => this.#find(name, scope, `function ${fn.name}`))
  }
}

/** A node of a function with the attributes that the function was called with. */
function withAttributes(node: OnnxNode, given: Readonly<Record<string, AttributeValue>>): OnnxNode {
  const entries = Object.entries(node.attributes).flatMap(([name, value]): [string, AttributeValue][] => {
    if (isGraph(value)) return [[name, { ...value, nodes: value.nodes.map((inner) => withAttributes(inner, given)) }]]
    if (typeof value !== 'object' || !('reference' in value)) return [[name, value]]
    return Object.hasOwn(given, value.reference) ? [[name, given[value.reference]]] : []
  })
  return { ...node, attributes: Object.fromEntries(entries) }
}

/** A value of known inputs: computed at once where it is small, so that shapes can follow from it. */
function computed(tensor: Tensor, narrow?: Narrow): Value {
  if (sizeOf(tensor.shape) > largestKnown || tensor.node.traced) return { tensor, narrow }
  const [array] = reference(cast(tensor, tensor.dtype))
  return knownValue(narrowed(array), narrow)
}
