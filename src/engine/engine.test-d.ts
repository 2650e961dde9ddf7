import { expectTypeOf } from 'vitest'
import { type Complex, fft } from './fft.ts'
import {
  add,
  checkpoint,
  compileStep,
  configureRuntime,
  evaluate,
  grad,
  jit,
  jvp,
  matmul,
  type NDArray,
  type Nested,
  snapshot,
  sum,
  type Tensor,
  type TypedArray,
  tensor,
  valueAndGrad,
  vjp,
  vmap,
  zeros,
} from './index.ts'
import { type Explanation, explain } from './inspect/index.ts'
import { svd } from './linalg.ts'
import { exportOnnx, type ImportedModel, readOnnx } from './onnx/index.ts'
import { stft } from './signal.ts'
import { lgamma } from './special.ts'

/* Types are checked by `npm run check`; nothing here runs. A line under `@ts-expect-error` must not type-check. */

interface Params {
  readonly layers: readonly { readonly weight: Tensor; readonly bias: Tensor }[]
  readonly scale: Tensor
}
declare const params: Params
declare const x: Tensor
const loss = (p: Params, x: Tensor): Tensor => sum(matmul(x, p.layers[0].weight))

// A gradient is a tree like the first argument, whatever its depth; the other arguments stay.
expectTypeOf(grad(loss)).toEqualTypeOf<(params: Params, x: Tensor) => Params>()
expectTypeOf(grad(loss)(params, x).layers[0].bias).toEqualTypeOf<Tensor>()
// @ts-expect-error the batch is missing
grad(loss)(params)
// @ts-expect-error a loss gives a tensor
grad((p: Params) => p)
// @ts-expect-error no such leaf
grad(loss)(params, x).layers[0].kernel

// What is returned beside the loss comes back with its type.
const withAux = valueAndGrad((p: Params, x: Tensor) => [loss(p, x), { logits: x, epoch: 3 }] as const)
expectTypeOf(withAux(params, x).aux).toEqualTypeOf<{ readonly logits: Tensor; readonly epoch: 3 }>()
expectTypeOf(withAux(params, x).value).toEqualTypeOf<Tensor>()
expectTypeOf(valueAndGrad(loss)(params, x).gradient).toEqualTypeOf<Params>()

// Transformations keep the function's type, and nest.
expectTypeOf(jit(loss)).toEqualTypeOf<(p: Params, x: Tensor) => Tensor>()
expectTypeOf(vmap(loss, { in: [null, 0] })).toEqualTypeOf<(p: Params, x: Tensor) => Tensor>()
expectTypeOf(checkpoint(loss)).toEqualTypeOf<(p: Params, x: Tensor) => Tensor>()
expectTypeOf(jit(vmap(grad(loss)))).toEqualTypeOf<(params: Params, x: Tensor) => Params>()
expectTypeOf(jvp(loss, [params, x], [params, x]).tangent).toEqualTypeOf<Tensor>()
expectTypeOf(vjp(loss, params, x).pullback).toEqualTypeOf<(cotangent: Tensor) => [p: Params, x: Tensor]>()
// @ts-expect-error a tangent for each argument
jvp(loss, [params, x], [params])
// @ts-expect-error an axis is a number or null
vmap(loss, { in: ['rows'] })

// Trees come back as they are.
expectTypeOf(evaluate({ params, epoch: 3 })).resolves.toEqualTypeOf<{ params: Params; epoch: number }>()
expectTypeOf(snapshot(params)).resolves.toEqualTypeOf<Params>()
const step = compileStep((state: Params, x: Tensor) => ({ state, output: { loss: loss(state, x) } }))
expectTypeOf(step(params, x)).resolves.toHaveProperty('state').toEqualTypeOf<Params>()
// @ts-expect-error the next state is like the state
compileStep((_: Params) => ({ state: x, output: {} }))

// Values.
expectTypeOf(x.data()).resolves.toEqualTypeOf<TypedArray>()
expectTypeOf(x.array()).resolves.toEqualTypeOf<Nested>()
expectTypeOf(x.item()).resolves.toEqualTypeOf<number>()
expectTypeOf(x.ndarray()).resolves.toEqualTypeOf<NDArray>()
add(x, 1)
// @ts-expect-error a string is no tensor
add(x, '1')
// @ts-expect-error no such dtype
zeros([2], 'float16')
// @ts-expect-error a shape is a list
zeros(2)
// @ts-expect-error no such option
tensor([1, 2], { device: 'cpu' })
// @ts-expect-error no such device
configureRuntime({ device: 'tpu' })

// The entries beside it.
expectTypeOf(svd(x)).toEqualTypeOf<{ u: Tensor; s: Tensor; v: Tensor }>()
expectTypeOf(fft({ re: x, im: x })).toEqualTypeOf<Complex>()
expectTypeOf(stft(x, { window: x, hop: 2 })).toEqualTypeOf<Complex>()
expectTypeOf(lgamma(x)).toEqualTypeOf<Tensor>()
// @ts-expect-error a complex array has two parts
fft(x)
expectTypeOf(explain(loss, params, x)).resolves.toEqualTypeOf<Explanation>()
// @ts-expect-error the arguments of the function
explain(loss, x, params)
expectTypeOf(exportOnnx(loss, [params, x])).toEqualTypeOf<Uint8Array>()
expectTypeOf(readOnnx('model.onnx')).resolves.toEqualTypeOf<ImportedModel>()
// @ts-expect-error examples of all arguments
exportOnnx(loss, [params])
