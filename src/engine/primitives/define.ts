import { type NDArray, ndarray, sameShape, sizeOf, stridesOf } from '../array.ts'
import type { LoweringContext } from '../compile/lower.ts'
import { allocate, type DType, floats, isFloat } from '../dtype.ts'
import { ShapeError } from '../errors.ts'
import { type Attributes, type Aval, intern, type Node } from '../graph/node.ts'
import type { Derivative, Primitive, RuleContext } from '../graph/primitive.ts'
import { userLine } from '../graph/site.ts'
import { add, broadcastTo, reshape, sum, transpose, zerosLike } from '../ops.ts'
import { Tensor } from '../tensor.ts'
import { refuseLowering } from './host.ts'
import { literal, project } from './structural.ts'

/** A tensor, or a number that takes the dtype of the tensors beside it. */
export type TensorLike = Tensor | number | boolean

/** A function that applies one primitive. */
export type Operation<Arguments extends unknown[]> = ((...args: Arguments) => Tensor) & { readonly primitive: Primitive }

export type Unary = Operation<[x: TensorLike]>
export type Binary = Operation<[a: TensorLike, b: TensorLike]>

/** A shape error that names the operation, the rule it broke, what it was given, and the user's line. */
export function shapeError(operation: string, rule: string, inputs: readonly Aval[]): ShapeError {
  const given = inputs.map((input) => `${input.dtype} [${input.shape.join(', ')}]`).join(' and ')
  const error = new ShapeError(`${operation}: ${rule}${given ? `; given ${given}` : ''}`)
  const line = userLine(error)
  if (line) error.message += ` (at ${line})`
  return error
}

/** Adds a node for `primitive` to the graph; its results as tensors. */
export function apply(primitive: Primitive, inputs: readonly Tensor[], attributes: Attributes = {}): Tensor[] {
  const results = primitive.infer(inputs, attributes)
  const node = intern({ primitive, inputs: inputs.map((input) => input.node), attributes, results })
  return results.map((_, index) => new Tensor(project(node, index)))
}

/** Tensors from tensors and numbers; a number takes the first tensor's dtype (float32 where there is none). */
export function promote(operation: string, values: readonly TensorLike[], among: readonly TensorLike[] = values): Tensor[] {
  const reference = among.find((value) => value instanceof Tensor) as Tensor | undefined
  return values.map((value) => {
    if (value instanceof Tensor) return value
    const dtype = reference?.dtype ?? (typeof value === 'boolean' ? 'bool' : 'float32')
    if (!isFloat(dtype) && typeof value === 'number' && !Number.isInteger(value)) {
      throw shapeError(operation, `the number ${value} is no ${dtype}; cast the tensor to float32 first`, [reference!])
    }
    return new Tensor(literal(Number(value), dtype))
  })
}

/** The shape that shapes broadcast to by NumPy's rule, or undefined. */
export function broadcastShapes(shapes: readonly (readonly number[])[]): number[] | undefined {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length))
  const result = new Array<number>(rank).fill(1)
  for (const shape of shapes) {
    for (let axis = 0; axis < shape.length; axis++) {
      const at = rank - shape.length + axis
      if (shape[axis] === 1) continue
      if (result[at] !== 1 && result[at] !== shape[axis]) return undefined
      result[at] = shape[axis]
    }
  }
  return result
}

/** Sums what broadcasting had repeated: the transpose of broadcasting to `x`'s shape from `shape`. */
export function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  if (sameShape(x.shape, shape)) return x
  const extra = x.shape.length - shape.length
  const axes = x.shape.flatMap((extent, axis) => (axis < extra || (shape[axis - extra] === 1 && extent !== 1) ? [axis] : []))
  return reshape(axes.length > 0 ? sum(x, { axes }) : x, shape)
}

export const sumOf = (terms: readonly Derivative[]): Derivative =>
  terms.reduce<Derivative>((total, term) => (term === null ? total : total === null ? term : add(total, term)), null)

/** Reads one element of a row-major array that is broadcast to a larger shape: `offset(i)` for the i-th element of that shape. */
export function broadcastOffsets(from: readonly number[], to: readonly number[]): Int32Array {
  const strides = stridesOf(from)
  const offsets = new Int32Array(sizeOf(to))
  const index = new Array<number>(to.length).fill(0)
  const shift = to.length - from.length
  for (let i = 0; i < offsets.length; i++) {
    let offset = 0
    for (let axis = shift; axis < to.length; axis++) if (from[axis - shift] !== 1) offset += index[axis] * strides[axis - shift]
    offsets[i] = offset
    for (let axis = to.length - 1; axis >= 0 && ++index[axis] === to[axis]; axis--) index[axis] = 0
  }
  return offsets
}

/** The reference evaluator keeps floats in float64 so that it can judge float32 results. */
export const referenceArray = (aval: Aval): NDArray =>
  ndarray(isFloat(aval.dtype) ? new Float64Array(sizeOf(aval.shape)) : allocate(aval.dtype, sizeOf(aval.shape)), aval.shape, aval.dtype)

type Slope<Inputs extends Tensor[]> = ((t: Tensor, ...values: [...Inputs, Tensor, Attributes]) => Tensor) | null

interface ElementwiseSpec<Inputs extends Tensor[]> {
  name: string
  /** One element, in float64 (or the integer type's own range). */
  evaluate: (...values: number[]) => number
  /** The function that attributes choose from a family whose first member is `evaluate`. */
  member?: (attributes: Attributes) => (...values: number[]) => number
  /** The same for integers, where float64 does not hold all of their bits. */
  integers?: (...values: number[]) => number
  /** For each input: the product of a tangent or cotangent `t` with ∂y/∂input, given the inputs, y and the attributes. `null`: the derivative is zero or undefined. */
  derivative: { [I in keyof Inputs]: Slope<Inputs> }
  /** The operator, or the nodes that compute it. Absent for what runs on the host: `evaluate` is then the implementation. */
  onnx?: string | ((context: LoweringContext, inputs: readonly string[], node: Node) => string)
  /** The dtype of the result; by default that of the last input. */
  result?: DType
  /** The dtypes that the inputs may have; by default floats. */
  accepts?: readonly DType[]
  /** The dtype that only the first input has (a condition). */
  first?: DType
}

/** An operation on corresponding elements, with NumPy broadcasting. */
export function elementwise<Inputs extends Tensor[]>(spec: ElementwiseSpec<Inputs>): Operation<{ [I in keyof Inputs]: TensorLike }> {
  const { name, accepts = floats, first } = spec
  const slopes = spec.derivative as readonly Slope<Tensor[]>[]
  const slope = (i: number, t: Tensor, { inputs, outputs, attributes }: RuleContext) =>
    slopes[i]!(t, ...([...inputs, outputs[0], attributes] as [Tensor[], Tensor, Attributes] & never))

  const primitive: Primitive = {
    name,
    kind: 'elementwise',
    infer(inputs) {
      const values = first ? inputs.slice(1) : inputs
      if (first && inputs[0].dtype !== first) throw shapeError(name, `the first input must be ${first}`, inputs)
      if (values.some((input) => input.dtype !== values[0].dtype)) throw shapeError(name, 'dtypes differ; cast one of them', inputs)
      if (!accepts.includes(values[0].dtype)) throw shapeError(name, `takes ${accepts.join(', ')}`, inputs)
      const shape = broadcastShapes(inputs.map((input) => input.shape))
      if (!shape) throw shapeError(name, 'shapes do not broadcast', inputs)
      return [{ shape, dtype: spec.result ?? values[0].dtype }]
    },
    evaluate(inputs, attributes, [aval]) {
      const result = referenceArray(aval)
      const compute = isFloat(aval.dtype) ? (spec.member?.(attributes) ?? spec.evaluate) : (spec.integers ?? spec.evaluate)
      const offsets = inputs.map((input) => (sameShape(input.shape, aval.shape) ? null : broadcastOffsets(input.shape, aval.shape)))
      const values = new Array<number>(inputs.length)
      for (let i = 0; i < result.data.length; i++) {
        for (let k = 0; k < inputs.length; k++) values[k] = inputs[k].data[offsets[k]?.[i] ?? i]
        result.data[i] = compute(...values)
      }
      return [result]
    },
    jvp(context, tangents) {
      const terms = tangents.map((t, i) => (t === null || slopes[i] === null ? null : slope(i, t, context)))
      const total = sumOf(terms)
      return [total && broadcastTo(total, context.outputs[0].shape)]
    },
    vjp(context, [ct], wanted) {
      return context.inputs.map((input, i) =>
        !wanted[i] || ct === null || slopes[i] === null ? null : sumTo(slope(i, ct, context), input.shape),
      )
    },
    batch: (inputs, batched, attributes) => apply(primitive, alignExamples(inputs, batched), attributes),
    onHost: spec.onnx === undefined,
    lower(context, inputs, node) {
      if (spec.onnx === undefined) return refuseLowering(context, inputs, node)
      return [typeof spec.onnx === 'string' ? context.emit(spec.onnx, inputs) : spec.onnx(context, inputs, node)]
    },
  }

  const operation = (...args: TensorLike[]): Tensor => {
    const head = first ? promote(name, args.slice(0, 1)) : []
    return apply(primitive, [...head, ...promote(name, args.slice(head.length))])[0]
  }
  return Object.assign(operation, { primitive }) as unknown as Operation<{ [I in keyof Inputs]: TensorLike }>
}

interface LinearSpec<A extends Attributes> {
  name: string
  infer: (inputs: readonly Aval[], attributes: A) => Aval
  evaluate: (inputs: readonly NDArray[], attributes: A, result: Aval) => NDArray
  /** The transposed map: for each input that the operation is linear in, its cotangent from that of the result. `null` for inputs that only steer. */
  transpose:
    | ((ct: Tensor, inputs: readonly Tensor[], attributes: A) => Tensor)[]
    | ((ct: Tensor, inputs: readonly Tensor[], attributes: A, index: number) => Tensor)
  /** How many leading inputs the operation is linear in jointly; the others only steer (indices). Default: all. */
  linearIn?: number
  batch: (inputs: readonly Tensor[], batched: readonly boolean[], attributes: A, size: number) => Tensor
  lower: (context: LoweringContext, inputs: readonly string[], node: Node, attributes: A) => string
  /** Default: none, as for operations that move elements. */
  flops?: (node: Node) => number
  /** Elements kept beside inputs and result while it runs. Default: none. */
  scratch?: (node: Node) => number
}

/** An operation linear in its inputs together: its forward derivative is itself, its backward derivative the transpose. */
export function linear<A extends Attributes>(spec: LinearSpec<A>): Primitive {
  const linearIn = (context: RuleContext) => spec.linearIn ?? context.inputs.length
  const primitive: Primitive = {
    name: spec.name,
    kind: 'linear',
    infer: (inputs, attributes) => [spec.infer(inputs, attributes as A)],
    evaluate: (inputs, attributes, [aval]) => [spec.evaluate(inputs, attributes as A, aval)],
    jvp(context, tangents) {
      const count = linearIn(context)
      if (tangents.slice(0, count).every((t) => t === null)) return [null]
      const inputs = context.inputs.map((input, i) => (i < count ? (tangents[i] ?? zerosLike(input)) : input))
      return apply(primitive, inputs, context.attributes)
    },
    vjp(context, [ct], wanted) {
      return context.inputs.map((_, i) => {
        if (ct === null || !wanted[i] || i >= linearIn(context)) return null
        const { transpose } = spec
        return typeof transpose === 'function'
          ? transpose(ct, context.inputs, context.attributes as A, i)
          : transpose[i](ct, context.inputs, context.attributes as A)
      })
    },
    batch: (inputs, batched, attributes, size) => [spec.batch(inputs, batched, attributes as A, size)],
    lower: (context, inputs, node) => [spec.lower(context, inputs, node, node.attributes as A)],
    flops: spec.flops ?? (() => 0),
    scratch: spec.scratch,
  }
  return primitive
}

interface MultilinearSpec<A extends Attributes> extends Omit<LinearSpec<A>, 'transpose' | 'linearIn'> {
  /** For each input: its cotangent, given that of the result and the other inputs. */
  transpose: ((ct: Tensor, inputs: readonly Tensor[], attributes: A) => Tensor)[]
}

/** An operation linear in each input separately (a product): the tangent is the sum over inputs, the cotangents are stated one by one. */
export function multilinear<A extends Attributes>(spec: MultilinearSpec<A>): Primitive {
  const primitive: Primitive = {
    ...linear<A>(spec as unknown as LinearSpec<A>),
    kind: 'multilinear',
    jvp(context, tangents) {
      const terms = tangents.map((t, i) => (t === null ? null : apply(primitive, context.inputs.with(i, t), context.attributes)[0]))
      return [sumOf(terms)]
    },
  }
  return primitive
}

/** Gives an unbatched input the leading axis that its fellows have. */
export const withBatchAxis = (x: Tensor, batched: boolean, size: number): Tensor => (batched ? x : broadcastTo(x, [size, ...x.shape]))

/** Exchanges the first two axes: those of examples and of steps, say. */
export const swapFront = (x: Tensor): Tensor => transpose(x, [1, 0, ...[...x.shape.keys()].slice(2)])

/** Where in a list a condition holds. */
export const placesOf = <T>(list: readonly T[], holds: (entry: T, index: number) => boolean): number[] =>
  list.flatMap((entry, i) => (holds(entry, i) ? [i] : []))

/** A list of `length` with values at these places, null elsewhere. */
export function spreadOver<T>(length: number, places: readonly number[], values: readonly T[]): (T | null)[] {
  const all = new Array<T | null>(length).fill(null)
  places.forEach((place, k) => {
    all[place] = values[k]
  })
  return all
}

/** Gives inputs with examples in front one rank, so that their leading axes broadcast: [size, ...own] → [size, 1, ..., ...own]. */
export function alignExamples(inputs: readonly Tensor[], batched: readonly boolean[]): Tensor[] {
  const rank = Math.max(...inputs.map((x, i) => x.shape.length - Number(batched[i])))
  return inputs.map((x, i) => {
    const missing = rank + 1 - x.shape.length
    return batched[i] && missing > 0 ? reshape(x, [x.shape[0], ...new Array<number>(missing).fill(1), ...x.shape.slice(1)]) : x
  })
}
