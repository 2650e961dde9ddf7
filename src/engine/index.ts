/**
 * The engine: tensors, derivatives, compilation.
 *
 * @module
 */

export { type NDArray, ndarray, sizeOf, zerosArray } from './array.ts'
export { evaluate } from './compile/evaluate.ts'
export { jit } from './compile/jit.ts'
export { compileStatistics } from './compile/program.ts'
export { compileStep, type StepResult, snapshot } from './compile/step.ts'
export type { DType, TypedArray } from './dtype.ts'
export { InputError, NotFiniteError, ShapeError } from './errors.ts'
export { printGraph } from './graph/print.ts'
export { findNonFinite, type NonFiniteOrigin } from './inspect/nonfinite.ts'
export { type ExportOptions, exportOnnx } from './onnx/export.ts'
export { type SaveOptions, saveOnnx } from './onnx/files.ts'
export * from './ops.ts'
export { cond } from './primitives/cond.ts'
export type { TensorLike } from './primitives/define.ts'
export { type HostFunction, hostCall } from './primitives/host.ts'
export { type ScanOptions, scan } from './primitives/scan.ts'
export { type WhileOptions, whileLoop } from './primitives/while.ts'
export * as random from './random.ts'
export { fold, key } from './random.ts'
export { reference } from './reference/evaluate.ts'
export { configureRuntime, type Device, getRuntime } from './runtime/runtime.ts'
export { isTensor, type Nested, Tensor } from './tensor.ts'
export { hessian, hvp, type Jacobian, type JacobianOptions, jacobian } from './transform/jacobian.ts'
export { jvp } from './transform/jvp.ts'
export { grad, type ValueAndGradient, valueAndGrad, vjp } from './transform/vjp.ts'
export { type VmapOptions, vmap } from './transform/vmap.ts'
export { leaves, leavesWithPaths, mapTree, type Tree, unflatten, zipTrees } from './tree.ts'
