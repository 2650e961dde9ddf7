import { type NDArray, sizeOf } from '../array.ts'
import { numbers } from '../dtype.ts'
import type { Aval } from '../graph/node.ts'
import type { Primitive } from '../graph/primitive.ts'
import { matmul, reshape, swapLast } from '../ops.ts'
import type { Tensor } from '../tensor.ts'
import { alignExamples, apply, broadcastOffsets, broadcastShapes, multilinear, referenceArray, shapeError, sumTo } from './define.ts'

const batchShape = (x: Aval) => x.shape.slice(0, -2)

/** Matrix products over broadcast leading axes: [..., m, k] · [..., k, n] → [..., m, n]. */
export const matmulPrimitive: Primitive = multilinear({
  name: 'matmul',
  infer([a, b]) {
    if (a.dtype !== b.dtype) throw shapeError('matmul', 'dtypes differ; cast one of them', [a, b])
    if (!numbers.includes(a.dtype)) throw shapeError('matmul', 'takes numbers', [a, b])
    if (a.shape.length < 2 || b.shape.length < 2) throw shapeError('matmul', 'takes matrices', [a, b])
    if (a.shape.at(-1) !== b.shape.at(-2))
      throw shapeError('matmul', `inner extents ${a.shape.at(-1)} and ${b.shape.at(-2)} differ`, [a, b])
    const leading = broadcastShapes([batchShape(a), batchShape(b)])
    if (!leading) throw shapeError('matmul', 'leading axes do not broadcast', [a, b])
    return { shape: [...leading, a.shape.at(-2)!, b.shape.at(-1)!], dtype: a.dtype }
  },
  evaluate([a, b], _, result) {
    const output = referenceArray(result)
    const [m, n] = result.shape.slice(-2)
    const k = a.shape.at(-1)!
    const leading = result.shape.slice(0, -2)
    const offsets = [a, b].map((x) => broadcastOffsets(batchShape(x), leading))
    for (let matrix = 0; matrix < sizeOf(leading); matrix++) {
      multiply(a, offsets[0][matrix] * m * k, b, offsets[1][matrix] * k * n, output, matrix * m * n, [m, k, n])
    }
    return output
  },
  transpose: [
    (ct, [a, b]) => sumTo(matmul(ct, swapLast(b)), a.shape),
    (ct, [a, b]) => (b.shape.length === 2 ? matmul(swapLast(asMatrix(a)), asMatrix(ct)) : sumTo(matmul(swapLast(a), ct), b.shape)),
  ],
  batch: (inputs, batched) => apply(matmulPrimitive, alignExamples(inputs, batched))[0],
  lower(context, inputs, node) {
    // Sums of nothing: the WebAssembly runtime leaves those of a batch unwritten.
    if (node.inputs[0].shape.at(-1) === 0) return context.emit('Expand', [context.scalar(0, node.dtype), context.integers(...node.shape)])
    return context.matmul(inputs, node)
  },
  flops: ({ inputs: [a], shape }) => 2 * sizeOf(shape) * a.shape.at(-1)!,
})

/** All leading axes as rows. A weight's gradient is then one product, not a batch of them summed. */
const asMatrix = (x: Tensor): Tensor => reshape(x, [sizeOf(x.shape.slice(0, -1)), x.shape.at(-1)!])

function multiply(a: NDArray, aStart: number, b: NDArray, bStart: number, c: NDArray, cStart: number, [m, k, n]: number[]): void {
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      const factor = a.data[aStart + i * k + p]
      for (let j = 0; j < n; j++) c.data[cStart + i * n + j] += factor * b.data[bStart + p * n + j]
    }
  }
}
