import { ndarray, sizeOf, stridesOf } from '../array.ts'
import { isFloat } from '../dtype.ts'
import type { Aval, Node } from '../graph/node.ts'
import type { Derivative, Primitive, RuleContext } from '../graph/primitive.ts'
import { add, div, exp, mean, mul, neg, square, sub, sum } from '../ops.ts'
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

const softmaxSlope = (t: Tensor, y: Tensor, axis: number): Tensor => mul(y, sub(t, sumAlong(mul(t, y), axis)))

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

type Epsilon = { readonly epsilon: number }

const meanOfLast = (x: Tensor): Tensor => mean(x, { axes: [-1], keepDims: true })

/**
 * x·s over the last axis, and s [..., 1] itself, where s is 1 / √(mean(x²) + ε), of a centred x if it is `centred`. With y = x·s the derivatives need
 * only what is there already: dy = s·(dx − mean(dx) − y·mean(y·dx)), ds = −s²·mean(y·dx), without mean(dx) where nothing is centred.
 */
function standardization(
  name: string,
  { centred, operator }: { centred: boolean; operator: 'LayerNormalization' | 'SimplifiedLayerNormalization' },
): Primitive {
  const deviations = (t: Tensor): Tensor => (centred ? sub(t, meanOfLast(t)) : t)
  const primitive: Primitive = {
    name,
    kind: 'general',
    infer([x]) {
      if (!isFloat(x.dtype)) throw shapeError(name, 'takes floats', [x])
      if (x.shape.length === 0) throw shapeError(name, 'takes at least one axis', [x])
      return [x, { shape: x.shape.with(-1, 1), dtype: x.dtype }]
    },
    evaluate([x], attributes, results) {
      const [y, scale] = results.map(referenceArray)
      const extent = x.shape.at(-1)!
      for (let row = 0; row < scale.data.length; row++) {
        const values = Float64Array.from(x.data.subarray(row * extent, (row + 1) * extent))
        const centre = centred ? values.reduce((a, b) => a + b, 0) / extent : 0
        const variance = values.reduce((a, b) => a + (b - centre) ** 2, 0) / extent
        scale.data[row] = 1 / Math.sqrt(variance + (attributes as Epsilon).epsilon)
        values.forEach((value, k) => {
          y.data[row * extent + k] = (value - centre) * scale.data[row]
        })
      }
      return [y, scale]
    },
    jvp({ outputs: [y, s] }, [t]) {
      if (t === null) return [null, null]
      const along = meanOfLast(mul(y, t))
      return [mul(sub(deviations(t), mul(y, along)), s), neg(mul(square(s), along))]
    },
    vjp({ outputs: [y, s] }, [ct, ctScale]) {
      const extent = y.shape.at(-1)!
      // The transposes of the two lines above; ds reaches x through y alone.
      const along = ct && meanOfLast(mul(ct, y))
      const pulled = ctScale && mul(ctScale, div(s, extent))
      const total = along && pulled ? add(along, pulled) : (along ?? pulled)
      if (total === null) return [null]
      const through = mul(y, total)
      return [mul(ct ? sub(deviations(ct), through) : neg(through), s)]
    },
    batch: ([x], _, attributes) => apply(primitive, [x], attributes),
    lower(context, [x], node) {
      const { dtype, shape } = node.inputs[0]
      const { epsilon } = node.attributes as Epsilon
      const extent = shape.at(-1)!
      if (dtype === 'float32' && sizeOf(shape) > 0 && (centred || !context.portable)) {
        const ones = context.constant(ndarray(new Float32Array(extent).fill(1), [extent], dtype))
        // Between y and the scale, layer normalisation also gives the mean.
        const results = context.emitMany(operator, [x, ones], centred ? 3 : 2, { axis: -1, epsilon: { float: epsilon } })
        return [results[0], results.at(-1)!]
      }
      // The standard's operator gives 1 / deviation as float32 only; and ReduceSum's own keepdims gets the shape of empty tensors wrong.
      const average = (values: string) => {
        const total = context.reduce('ReduceSum', values, [shape.length - 1], dtype)
        return context.emit('Mul', [context.emit('Unsqueeze', [total, context.integers(-1)]), context.scalar(1 / extent, dtype)])
      }
      const moved = centred ? context.emit('Sub', [x, average(x)]) : x
      const variance = average(context.emit('Mul', [moved, moved]))
      const deviation = context.emit('Sqrt', [context.emit('Add', [variance, context.scalar(epsilon, dtype)])])
      const scale = context.emit('Reciprocal', [deviation])
      return [context.emit('Mul', [moved, scale]), scale]
    },
  }
  return primitive
}

/** (x − mean) / √(variance + ε) over the last axis, and the factor: the heart of layer norm. */
export const standardizePrimitive = standardization('standardize', { centred: true, operator: 'LayerNormalization' })

/** x / √(mean(x²) + ε) over the last axis, and the factor: the heart of RMS norm. */
export const rmsStandardizePrimitive = standardization('rmsStandardize', { centred: false, operator: 'SimplifiedLayerNormalization' })
