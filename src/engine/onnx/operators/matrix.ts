import type { Window } from '../../ops/windows.ts'
import { add, convolve, einsum, matmul, mul, reshape, swapLast } from '../../ops.ts'
import { turnedKernel } from '../../primitives/convolution.ts'
import type { Tensor } from '../../tensor.ts'
import type { Call, Operator, Operators } from './call.ts'

const gemm: Operator = (call) => {
  const a = call.flag('transA') ? swapLast(call.input(0)) : call.input(0)
  const b = call.flag('transB') ? swapLast(call.input(1)) : call.input(1)
  const scaled = (x: Tensor, factor: number) => (factor === 1 ? x : mul(x, factor))
  const product = scaled(matmul(a, b), call.float('alpha', 1))
  return call.has(2) ? add(product, scaled(call.input(2), call.float('beta', 1))) : product
}

/** The window that a convolution or pooling describes by its attributes. */
export function windowOf(call: Call, space: readonly number[], size: readonly number[]): Window {
  const all = (value: number) => space.map(() => value)
  const stride = call.integers('strides') ?? all(1)
  const dilation = call.integers('dilations') ?? all(1)
  const reach = size.map((extent, k) => (extent - 1) * dilation[k] + 1)
  const auto = call.string('auto_pad', 'NOTSET')
  const ceil = call.flag('ceil_mode')
  let [low, high] = [all(0), all(0)]
  if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') {
    const total = space.map((extent, k) => Math.max((Math.ceil(extent / stride[k]) - 1) * stride[k] + reach[k] - extent, 0))
    const smaller = total.map((value) => value >> 1)
    const larger = total.map((value) => value - (value >> 1))
    ;[low, high] = auto === 'SAME_UPPER' ? [smaller, larger] : [larger, smaller]
  } else if (auto !== 'VALID') {
    const pads = call.integers('pads') ?? [...low, ...high]
    ;[low, high] = [pads.slice(0, space.length), pads.slice(space.length)]
  }
  if ([size, stride, dilation, low, high].some((list) => list.length !== space.length || list.some((value) => !Number.isInteger(value))))
    call.fail(`its window does not describe ${space.length} spatial axes`)
  if ([...stride, ...dilation].some((value) => value < 1)) call.fail('strides and dilations must be positive')
  const places = space.map((extent, k) => {
    const room = extent + low[k] + high[k] - reach[k]
    const count = (ceil ? Math.ceil(room / stride[k]) : Math.floor(room / stride[k])) + 1
    // A place that begins in what lies after the input is none.
    return ceil && (count - 1) * stride[k] >= extent + low[k] ? count - 1 : count
  })
  if (places.some((count) => !(count >= 1))) call.fail('the window is larger than its input')
  return { size, stride, dilation, low, high, places }
}

const withBias = (call: Call, y: Tensor): Tensor =>
  call.has(2) ? add(y, reshape(call.input(2), [1, -1, ...y.shape.slice(2).map(() => 1)])) : y

const convolution: Operator = (call) => {
  const [x, kernel] = [call.input(0), call.input(1)]
  const { stride, dilation, low, high } = windowOf(call, x.shape.slice(2), kernel.shape.slice(2))
  const groups = call.integer('group', 1)
  return withBias(call, convolve(x, kernel, { stride, dilation, low, high, spread: stride.map(() => 1), groups }))
}

/** The transposed convolution: x is spread by the stride, then correlated with the kernel turned around. */
const transposedConvolution: Operator = (call) => {
  const [x, kernel] = [call.input(0), call.input(1)]
  const space = x.shape.slice(2)
  const all = (value: number) => space.map(() => value)
  const stride = call.integers('strides') ?? all(1)
  const dilation = call.integers('dilations') ?? all(1)
  const extra = call.integers('output_padding') ?? all(0)
  const groups = call.integer('group', 1)
  const window = kernel.shape.slice(2)
  const reach = window.map((extent, k) => (extent - 1) * dilation[k] + 1)

  const full = space.map((extent, k) => stride[k] * (extent - 1) + extra[k] + reach[k])
  const auto = call.string('auto_pad', 'NOTSET')
  const wanted = call.integers('output_shape') ?? (auto.startsWith('SAME') ? space.map((extent, k) => extent * stride[k]) : undefined)
  let pads = call.integers('pads') ?? [...all(0), ...all(0)]
  if (wanted) {
    const total = wanted.slice(-space.length).map((extent, k) => full[k] - extent)
    const half = total.map((value) => Math.floor(value / 2))
    const rest = total.map((value, k) => value - half[k])
    pads = auto === 'SAME_UPPER' ? [...half, ...rest] : [...rest, ...half]
  }
  const low = reach.map((extent, k) => extent - 1 - pads[k])
  const high = reach.map((extent, k) => extent - 1 - pads[space.length + k] + extra[k])
  return withBias(call, convolve(x, turnedKernel(kernel, groups), { stride: all(1), dilation, low, high, spread: stride, groups }))
}

export const matrixOperators: Operators = {
  Conv: convolution,
  ConvTranspose: transposedConvolution,
  Einsum: (call) => einsum(call.string('equation', ''), ...call.inputs),
  Gemm: gemm,
  MatMul: (call) => matmul(call.input(0), call.input(1)),
}
