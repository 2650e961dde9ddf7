import { type DType, isFloat } from '../dtype.ts'
import type { Primitive } from '../graph/primitive.ts'
import { cast } from '../ops.ts'
import { apply, referenceArray } from './define.ts'

/** Another dtype. Floats truncate to integers; anything but zero is true. Derivatives pass between floats only. */
export const castPrimitive: Primitive = {
  name: 'cast',
  kind: 'general',
  infer: ([x], attributes) => [{ shape: x.shape, dtype: attributes.dtype as DType }],
  evaluate([x], _, [result]) {
    const output = referenceArray(result)
    const convert =
      result.dtype === 'bool' ? (value: number) => Number(value !== 0) : isFloat(result.dtype) ? (value: number) => value : Math.trunc
    x.data.forEach((value, i) => {
      output.data[i] = convert(value)
    })
    return [output]
  },
  jvp: ({ outputs: [y] }, [t]) => [t && isFloat(y.dtype) ? cast(t, y.dtype) : null],
  vjp: ({ inputs: [x] }, [ct]) => [ct && isFloat(x.dtype) ? cast(ct, x.dtype) : null],
  batch: ([x], _, attributes) => apply(castPrimitive, [x], attributes),
  lower: (context, [x], node) => [context.cast(x, node.dtype)],
}

/** The identity, through which no derivative passes in either mode. */
export const stopGradientPrimitive: Primitive = {
  name: 'stopGradient',
  kind: 'general',
  infer: ([x]) => [x],
  evaluate: ([x]) => [x],
  jvp: () => [null],
  vjp: () => [null],
  batch: ([x]) => apply(stopGradientPrimitive, [x]),
  lower: (_, [x]) => [x],
}
