import { sizeOf, stridesOf } from '../array.ts'
import { isFloat } from '../dtype.ts'
import type { Aval, Node } from '../graph/node.ts'
import type { Derivative, Primitive, RuleContext } from '../graph/primitive.ts'
import { exp, mul, sub, sum } from '../ops.ts'
import type { Tensor } from '../tensor.ts'
import { apply, referenceArray, shapeError } from './define.ts'

type Axis = { readonly axis: number }

interface NormalizeSpec {
  name: string
  onnx: string
  /** One line of elements, normalised. */
  line: (values: Float64Array) => Float64Array
  jvp: (t: Tensor, y: Tensor, axis: number) => Tensor
  vjp: (ct: Tensor, y: Tensor, axis: number) => Tensor
}

/** Primitives that normalise along one axis; kept whole because the runtime computes them in one pass and their derivatives need only y. */
function normalization({ name, onnx, line, jvp, vjp }: NormalizeSpec): Primitive {
  const axisOf = (context: RuleContext) => (context.attributes as Axis).axis
  const primitive: Primitive = {
    name,
    kind: 'general',
    infer([x]: readonly Aval[], attributes) {
      const { axis } = attributes as Axis
      if (!isFloat(x.dtype)) throw shapeError(name, 'takes floats', [x])
      if (!(axis >= 0 && axis < x.shape.length)) throw shapeError(name, `there is no axis ${axis}`, [x])
      return [x]
    },
    evaluate([x], attributes, [result]) {
      const { axis } = attributes as Axis
      const output = referenceArray(result)
      const stride = stridesOf(x.shape)[axis]
      const extent = x.shape[axis]
      for (let start = 0; start < sizeOf(x.shape); start++) {
        if (Math.floor(start / stride) % extent !== 0) continue
        line(Float64Array.from({ length: extent }, (_, k) => x.data[start + k * stride])).forEach((value, k) => {
          output.data[start + k * stride] = value
        })
      }
      return [output]
    },
    jvp: (context, [t]): Derivative[] => [t && jvp(t, context.outputs[0], axisOf(context))],
    vjp: (context, [ct]): Derivative[] => [ct && vjp(ct, context.outputs[0], axisOf(context))],
    batch: ([x], _, attributes) => apply(primitive, [x], { axis: (attributes as Axis).axis + 1 }),
    lower: (context, [x], node: Node) => [context.emit(onnx, [x], { axis: (node.attributes as Axis).axis })],
  }
  return primitive
}

const sumAlong = (x: Tensor, axis: number): Tensor => sum(x, { axes: [axis], keepDims: true })

function shiftedExponentials(values: Float64Array): { exponentials: Float64Array; largest: number; total: number } {
  const largest = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  const exponentials = values.map((value) => Math.exp(value - largest))
  return { exponentials, largest, total: exponentials.reduce((a, b) => a + b, 0) }
}

const softmaxSlope = (t: Tensor, y: Tensor, axis: number): Tensor => {
  const weighted = mul(t, y)
  return sub(weighted, mul(y, sumAlong(weighted, axis)))
}

/** eˣ / Σ eˣ along an axis. Its Jacobian diag(y) − yyᵀ is symmetric: one rule for both modes. */
export const softmaxPrimitive = normalization({
  name: 'softmax',
  onnx: 'Softmax',
  line(values) {
    const { exponentials, total } = shiftedExponentials(values)
    return exponentials.map((value) => value / total)
  },
  jvp: softmaxSlope,
  vjp: softmaxSlope,
})

/** x − log Σ eˣ along an axis. */
export const logSoftmaxPrimitive = normalization({
  name: 'logSoftmax',
  onnx: 'LogSoftmax',
  line(values) {
    const { largest, total } = shiftedExponentials(values)
    return values.map((value) => value - largest - Math.log(total))
  },
  jvp: (t, y, axis) => sub(t, sumAlong(mul(t, probabilities(y)), axis)),
  vjp: (ct, y, axis) => sub(ct, mul(probabilities(y), sumAlong(ct, axis))),
})

/** softmax(x), from logSoftmax(x). */
const probabilities = (y: Tensor): Tensor => exp(y)
