/*
 * The functions that users and derivative rules call. Each checks its arguments and applies a primitive, or is composed of such functions.
 * Axes may be negative, counted from the end.
 */

export * from './ops/convolution.ts'
export * from './ops/create.ts'
export * from './ops/cumulative.ts'
export * from './ops/einsum.ts'
export * from './ops/elementwise.ts'
export * from './ops/indexing.ts'
export * from './ops/movement.ts'
export * from './ops/normalize.ts'
export * from './ops/pooling.ts'
export * from './ops/products.ts'
export * from './ops/reduce.ts'
export * from './ops/resize.ts'
export * from './ops/sort.ts'
export * from './primitives/bits.ts'
export * from './primitives/elementwise.ts'
export * from './primitives/trigonometry.ts'
