import { type NDArray, ndarray, sizeOf } from '../array.ts'
import { allocate, type DType } from '../dtype.ts'
import { type Aval, intern, type Node, unique } from '../graph/node.ts'
import type { Primitive } from '../graph/primitive.ts'
import { madeAt } from '../graph/site.ts'

/*
 * The nodes that carry no mathematics: leaves, and the picking of one result among several. Leaves have no inputs, so most of their cells
 * can never be reached; what can't be reached says so.
 */

const unreachable = (name: string, cell: string) => (): never => {
  throw new Error(`${name} has no ${cell}: a leaf is never asked for it`)
}

const leaf = (name: string, cells: Pick<Primitive, 'evaluate' | 'lower'> & Partial<Primitive>): Primitive => ({
  name,
  kind: 'structural',
  infer: unreachable(name, 'shape rule'),
  jvp: unreachable(name, 'derivative'),
  vjp: unreachable(name, 'derivative'),
  batch: unreachable(name, 'batching rule'),
  ...cells,
})

const bound = (name: string) => (): never => {
  throw new Error(`a ${name} is bound by whoever runs the graph, not computed`)
}

/** A host buffer. Fed to the runtime without a copy at each run; not part of the compiled graph. */
export const dataPrimitive = leaf('data', { evaluate: bound('data leaf'), lower: bound('data leaf') })

/** An argument of a function that is being traced. */
export const placeholderPrimitive = leaf('placeholder', { evaluate: bound('placeholder'), lower: bound('placeholder') })

/** A number known while tracing, part of the compiled graph. */
export const literalPrimitive = leaf('literal', {
  evaluate: (_, { value }, [{ dtype }]) => [scalarArray(value as number, dtype)],
  lower: (context, _, node) => [context.constant(scalarArray(node.attributes.value as number, node.dtype))],
})

/** 0, 1, 2, … */
export const iotaPrimitive = leaf('iota', {
  evaluate: (_, { length }, [{ dtype }]) => [iotaArray(length as number, dtype)],
  lower: (context, _, node) => [context.constant(iotaArray(node.shape[0], node.dtype))],
})

/** One result of a node that has several. */
export const projectPrimitive: Primitive = {
  ...leaf('project', {
    evaluate: unreachable('project', 'evaluator'),
    lower: unreachable('project', 'lowering'),
  }),
}

function scalarArray(value: number, dtype: DType): NDArray {
  const data = allocate(dtype, 1)
  data[0] = value
  return ndarray(data, [], dtype)
}

function iotaArray(length: number, dtype: DType): NDArray {
  const data = allocate(dtype, length)
  for (let i = 0; i < length; i++) data[i] = i
  return ndarray(data, [length], dtype)
}

/** Nobody asks for the line that made a leaf, and a training step makes many. */
const nowhere = new Error()

/** A leaf on a host array. `computed` marks a value whose history has been forgotten. */
export function data(array: NDArray, { computed = false } = {}): Node {
  if (array.data.length !== sizeOf(array.shape)) throw new RangeError(`${array.data.length} elements cannot have shape [${array.shape}]`)
  const node = madeAt(nowhere, () => unique(dataPrimitive, { shape: array.shape, dtype: array.dtype }, { computed }))
  node.value = array
  return node
}

export const placeholder = (aval: Aval, name = ''): Node =>
  unique(placeholderPrimitive, { shape: aval.shape, dtype: aval.dtype }, { name }, true)

export const literal = (value: number, dtype: DType): Node =>
  intern({ primitive: literalPrimitive, inputs: [], attributes: { value, dtype }, results: [{ shape: [], dtype }] })

export const iotaNode = (length: number, dtype: DType): Node =>
  intern({ primitive: iotaPrimitive, inputs: [], attributes: { length, dtype }, results: [{ shape: [length], dtype }] })

export const project = (node: Node, index: number): Node =>
  node.results ? intern({ primitive: projectPrimitive, inputs: [node], attributes: { index }, results: [node.results[index]] }) : node
