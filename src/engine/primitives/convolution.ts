import { sizeOf } from '../array.ts'
import type { LoweringContext } from '../compile/lower.ts'
import { isFloat } from '../dtype.ts'
import type { Aval, Node } from '../graph/node.ts'
import type { Primitive } from '../graph/primitive.ts'
import type { AttributeValue } from '../onnx/format.ts'
import { broadcastTo, convolve, flip, reshape, transpose } from '../ops.ts'
import { blockedDomain } from '../runtime/blocked.ts'
import type { Tensor } from '../tensor.ts'
import { apply, multilinear, referenceArray, shapeError } from './define.ts'
import { emitPad } from './movement.ts'

/**
 * How a kernel passes over an input, per spatial axis. `low`/`high` pad with zeros (negative: cut), `dilation` spreads the kernel, `spread` puts
 * zeros between the input's elements (that is how a strided convolution is transposed).
 */
export interface Sweep {
  readonly stride: readonly number[]
  readonly low: readonly number[]
  readonly high: readonly number[]
  readonly dilation: readonly number[]
  readonly spread: readonly number[]
  readonly groups: number
}

type SweepAttributes = Sweep & Readonly<Record<string, unknown>>

const reach = (extent: number, spacing: number): number => (extent - 1) * spacing + 1

/** x [n, c, ...space], kernel [o, c / groups, ...window] → [n, o, ...]: a cross-correlation, as in every deep-learning library. */
export const convPrimitive: Primitive = multilinear<SweepAttributes>({
  name: 'conv',
  infer([x, kernel], { stride, low, high, dilation, spread, groups }) {
    const given = [x, kernel]
    if (x.dtype !== kernel.dtype || !isFloat(x.dtype)) throw shapeError('conv', 'takes floats of one dtype', given)
    if (x.shape.length !== kernel.shape.length || x.shape.length < 3)
      throw shapeError('conv', 'takes x [n, c, ...space] and a kernel [o, c, ...window]', given)
    if (x.shape[1] !== kernel.shape[1] * groups)
      throw shapeError('conv', `the kernel's ${kernel.shape[1]} channels × ${groups} groups are not x's`, given)
    if (kernel.shape[0] % groups !== 0) throw shapeError('conv', `${groups} groups do not divide the kernel's outputs`, given)
    const space = stride.map((step, k) => {
      const padded = low[k] + reach(x.shape[k + 2], spread[k]) + high[k]
      return Math.floor((padded - reach(kernel.shape[k + 2], dilation[k])) / step) + 1
    })
    if (space.some((extent) => extent < 1)) throw shapeError('conv', 'the kernel is larger than the padded input', given)
    return { shape: [x.shape[0], kernel.shape[0], ...space], dtype: x.dtype }
  },
  evaluate([x, kernel], sweep, result) {
    const output = referenceArray(result)
    const perGroup = result.shape[1] / sweep.groups
    const channels = kernel.shape[1]
    const inputSize = sizeOf(x.shape.slice(2))
    const windowSize = sizeOf(kernel.shape.slice(2))
    const outputSize = sizeOf(result.shape.slice(2))
    forEachTap(x, kernel, result, sweep, (at, tap, from) => {
      for (let n = 0; n < result.shape[0]; n++) {
        for (let o = 0; o < result.shape[1]; o++) {
          const firstChannel = Math.floor(o / perGroup) * channels
          let total = 0
          for (let c = 0; c < channels; c++) {
            total += x.data[(n * x.shape[1] + firstChannel + c) * inputSize + from] * kernel.data[(o * channels + c) * windowSize + tap]
          }
          output.data[(n * result.shape[1] + o) * outputSize + at] += total
        }
      }
    })
    return output
  },
  transpose: [inputCotangent, kernelCotangent],
  batch([x, kernel], [xBatched, kernelBatched], sweep, size) {
    const [n, c, ...space] = x.shape.slice(xBatched ? 1 : 0)
    if (!kernelBatched) {
      const y = apply(convPrimitive, [reshape(x, [size * n, c, ...space]), kernel], sweep)[0]
      return reshape(y, [size, n, ...y.shape.slice(1)])
    }
    // A kernel for each example: examples become groups.
    const all = xBatched ? x : broadcastTo(x, [size, ...x.shape])
    const [o, ...window] = kernel.shape.slice(1)
    const side = (k: number) => Array.from({ length: k }, (_, i) => i + 3)
    const merged = reshape(transpose(all, [1, 0, 2, ...side(space.length)]), [n, size * c, ...space])
    const y = apply(convPrimitive, [merged, reshape(kernel, [size * o, ...window])], { ...sweep, groups: size * sweep.groups })[0]
    return transpose(reshape(y, [n, size, o, ...y.shape.slice(2)]), [1, 0, 2, ...side(space.length)])
  },
  lower: (context, inputs, node, sweep) => lowerConvolution(context, inputs, node, sweep),
  flops: ({ inputs: [, kernel], shape }) => 2 * sizeOf(shape) * sizeOf(kernel.shape.slice(1)),
  scratch: (node) => scratchOf(node, node.attributes as SweepAttributes),
})

/** Visits every pair of an output position and a kernel tap whose input element exists, as offsets into one channel. */
function forEachTap(x: Aval, kernel: Aval, result: Aval, sweep: Sweep, visit: (at: number, tap: number, from: number) => void): void {
  const rank = sweep.stride.length
  const [inputs, window, outputs] = [x, kernel, result].map((aval) => aval.shape.slice(2))
  const position = (flat: number, shape: readonly number[]): number[] => {
    const index = new Array<number>(rank)
    for (let k = rank - 1; k >= 0; k--) {
      index[k] = flat % shape[k]
      flat = Math.floor(flat / shape[k])
    }
    return index
  }
  for (let at = 0; at < sizeOf(outputs); at++) {
    const output = position(at, outputs)
    for (let tap = 0; tap < sizeOf(window); tap++) {
      const element = position(tap, window)
      let from = 0
      for (let k = 0; k < rank && from >= 0; k++) {
        const place = (output[k] * sweep.stride[k] + element[k] * sweep.dilation[k] - sweep.low[k]) / sweep.spread[k]
        from = Number.isInteger(place) && place >= 0 && place < inputs[k] ? from * inputs[k] + place : -1
      }
      if (from >= 0) visit(at, tap, from)
    }
  }
}

const spatialAxes = (rank: number): number[] => Array.from({ length: rank }, (_, k) => k + 2)

/**
 * The kernel of the transposed convolution: turned around, and in each group its inputs exchanged with its outputs,
 * [groups·a, b, ...window] → [groups·b, a, ...window].
 */
export function turnedKernel(kernel: Tensor, groups: number): Tensor {
  const [rows, columns, ...window] = kernel.shape
  const axes = spatialAxes(window.length)
  const grouped = reshape(flip(kernel, { axes }), [groups, rows / groups, columns, ...window])
  return reshape(transpose(grouped, [0, 2, 1, ...axes.map((axis) => axis + 1)]), [groups * columns, rows / groups, ...window])
}

/** ∂/∂x: correlate the cotangent, spread by the stride, with the kernel turned around. */
function inputCotangent(ct: Tensor, [x, kernel]: readonly Tensor[], sweep: Sweep): Tensor {
  const window = kernel.shape.slice(2)
  const low = sweep.low.map((value, k) => reach(window[k], sweep.dilation[k]) - 1 - value)
  const high = sweep.stride.map(
    (stride, k) =>
      reach(x.shape[k + 2], sweep.spread[k]) - low[k] - reach(ct.shape[k + 2], stride) + reach(window[k], sweep.dilation[k]) - 1,
  )
  return convolve(ct, turnedKernel(kernel, sweep.groups), {
    stride: sweep.spread,
    low,
    high,
    dilation: sweep.dilation,
    spread: sweep.stride,
    groups: sweep.groups,
  })
}

/** ∂/∂kernel: correlate the input with the cotangent, examples and channels exchanged. Groups stay groups. */
function kernelCotangent(ct: Tensor, [x, kernel]: readonly Tensor[], sweep: Sweep): Tensor {
  const { groups } = sweep
  const axes = spatialAxes(sweep.stride.length)
  const [n, , ...space] = x.shape
  const [o, c, ...window] = kernel.shape
  const perGroup = o / groups
  const after = axes.map((axis) => axis + 1)
  const examples = reshape(transpose(reshape(x, [n, groups, c, ...space]), [2, 1, 0, ...after]), [c, groups * n, ...space])
  const filters = reshape(transpose(reshape(ct, [n, groups, perGroup, ...ct.shape.slice(2)]), [1, 2, 0, ...after]), [
    o,
    n,
    ...ct.shape.slice(2),
  ])
  const high = sweep.low.map(
    (low, k) => reach(ct.shape[k + 2], sweep.stride[k]) + reach(window[k], sweep.dilation[k]) - 1 - low - reach(space[k], sweep.spread[k]),
  )
  const product = convolve(examples, filters, {
    stride: sweep.dilation,
    low: sweep.low,
    high,
    dilation: sweep.stride,
    spread: sweep.spread,
    groups,
  })
  return transpose(product, [1, 0, ...axes])
}

/** From how many window positions on the runtime's own convolution beats a sum of shifted products: bench/convolution.mjs. */
const fewPositions = 32

/** The operators by which the runtime computes a convolution fastest, or at all. */
type Form = 'conv' | 'transposed' | 'product per output' | 'product per tap' | 'conv of padded'

function formOf({ inputs: [, kernel], shape, dtype }: Node, sweep: Sweep): Form {
  const [outputs, taps] = [shape, kernel.shape].map((extents) => sizeOf(extents.slice(2)))
  const plain = sweep.spread.every((zeros) => zeros === 1) && [...sweep.low, ...sweep.high].every((zeros) => zeros >= 0)
  // A gradient of a kernel looks like a convolution with a huge window and few outputs; one product for each output is faster.
  const asProducts = sweep.groups === 1 && outputs <= fewPositions && taps > outputs
  if (plain && !asProducts && dtype === 'float32') return 'conv'
  if (dtype === 'float32' && asTransposed(kernel, sweep)) return 'transposed'
  if (asProducts) return 'product per output'
  return dtype === 'float64' ? 'product per tap' : 'conv of padded'
}

function lowerConvolution(context: LoweringContext, inputs: readonly string[], node: Node, sweep: Sweep): string {
  const kernel = node.inputs[1]
  const [x, weights] = inputs
  const window = { strides: sweep.stride, dilations: sweep.dilation, group: sweep.groups, kernel_shape: kernel.shape.slice(2) }
  const form = formOf(node, sweep)
  if (form === 'conv') {
    const attributes = { ...window, pads: [...sweep.low, ...sweep.high] }
    const block = blockFor(context, node, sweep)
    return block ? emitBlocked(context, x, weights, node, { block, attributes }) : context.emit('Conv', [x, weights], attributes)
  }
  if (form === 'transposed') return emitTransposed(context, x, weights, node, { ...window, ...asTransposed(kernel, sweep)! })

  const padding = { low: [0, 0, ...sweep.low], high: [0, 0, ...sweep.high], interior: [0, 0, ...sweep.spread.map((zeros) => zeros - 1)] }
  const padded = emitPad(context, x, node.inputs[0], padding)
  if (form === 'product per output') return productPerOutput(context, padded, weights, node, sweep)
  if (form === 'product per tap') return productPerTap(context, padded, weights, node, sweep)
  return context.emit('Conv', [padded.name, weights], window)
}

/** The runtime's block of channels, where a convolution of images has whole blocks of them. */
function blockFor(context: LoweringContext, { inputs: [x, kernel] }: Node, { groups, stride }: Sweep): number | undefined {
  const block = context.channelBlock
  if (!block || groups > 1 || stride.length !== 2) return undefined
  return x.shape[1] % block === 0 && kernel.shape[0] % block === 0 ? block : undefined
}

/** The kernel's blocks of outputs and inputs lie innermost: [o / b, c / b, ...window, b of c, b of o]. */
function emitBlocked(
  context: LoweringContext,
  x: string,
  weights: string,
  node: Node,
  { block, attributes }: { block: number; attributes: Readonly<Record<string, AttributeValue>> },
): string {
  const [o, c, ...window] = node.inputs[1].shape
  const cut = context.emit('Reshape', [weights, context.integers(o / block, block, c / block, block, ...window)])
  const turned = context.emit('Transpose', [cut], { perm: [0, 2, 4, 5, 3, 1] })
  const kernel = context.emit('Reshape', [turned, context.integers(o, c, ...window)])
  return context.unblocked(context.emit('Conv', [context.blocked(x), kernel], attributes, blockedDomain), o)
}

/** Elements that these forms keep beside input and result: the padded input, one window of it, and what is gathered of the result. */
function scratchOf(node: Node, sweep: Sweep): number {
  const [x, kernel] = node.inputs
  const form = formOf(node, sweep)
  if (form === 'conv' || form === 'transposed') return 0
  const space = sweep.low.map((low, k) => low + reach(x.shape[k + 2], sweep.spread[k]) + sweep.high[k])
  const isPadded = space.some((extent, k) => extent !== x.shape[k + 2])
  const padded = isPadded ? sizeOf([...x.shape.slice(0, 2), ...space]) : 0
  if (form === 'conv of padded') return padded
  if (form === 'product per tap') return padded + sizeOf([x.shape[0], x.shape[1], ...node.shape.slice(2)]) + sizeOf(node.shape)
  return padded + sizeOf([x.shape[0], ...kernel.shape.slice(1)]) + sizeOf(kernel.shape) + sizeOf(node.shape)
}

/**
 * Where spread elements lie in the operator that transposes a convolution, if it can say it. Through Conv most products are with the zeros
 * between them: a strided convolution's ∂/∂x took 1.2 to 4 times as long (bench/convolution.mjs).
 */
function asTransposed(kernel: Aval, { stride, low, high, dilation, spread }: Sweep) {
  if (stride.some((step) => step > 1) || spread.every((step) => step === 1)) return undefined
  const margins = dilation.map((spacing, k) => reach(kernel.shape[k + 2], spacing) - 1)
  const before = margins.map((margin, k) => margin - low[k])
  const after = margins.map((margin, k) => margin - high[k])
  if (before.some((cut) => cut < 0) || after.some((cut, k) => -cut >= spread[k])) return undefined
  return {
    strides: spread,
    pads: [...before, ...after.map((cut) => Math.max(cut, 0))],
    output_padding: after.map((cut) => Math.max(-cut, 0)),
  }
}

/** ConvTranspose wants the kernel turned around, channels first. */
function emitTransposed(context: LoweringContext, x: string, weights: string, node: Node, attributes: TransposedWindow): string {
  const [o, c, ...window] = node.inputs[1].shape
  const axes = spatialAxes(window.length)
  const all = (value: number) => context.integers(...axes.map(() => value))
  const turned = context.emit('Slice', [weights, all(-1), all(-(2 ** 31)), context.integers(...axes), all(-1)])
  const { group } = attributes
  const grouped = context.emit('Reshape', [turned, context.integers(group, o / group, c, ...window)])
  const exchanged = context.emit('Transpose', [grouped], { perm: [0, 2, 1, ...axes.map((axis) => axis + 1)] })
  return context.emit(
    'ConvTranspose',
    [x, context.emit('Reshape', [exchanged, context.integers(group * c, o / group, ...window)])],
    attributes,
  )
}

type TransposedWindow = NonNullable<ReturnType<typeof asTransposed>> & {
  readonly dilations: readonly number[]
  readonly group: number
  readonly kernel_shape: readonly number[]
}

interface Value {
  readonly name: string
  readonly shape: readonly number[]
}

/** Every position of a small grid, as indices. */
const positions = (shape: readonly number[]): number[][] =>
  shape.reduce<number[][]>((all, extent) => all.flatMap((index) => Array.from({ length: extent }, (_, k) => [...index, k])), [[]])

/** For each output position: the window of the input that it sees, times all kernels, as one matrix product. */
function productPerOutput(context: LoweringContext, x: Value, weights: string, node: Node, sweep: Sweep): string {
  const kernel = node.inputs[1].shape
  const axes = spatialAxes(sweep.stride.length)
  const columns = sizeOf(kernel.slice(1))
  const matrix = context.emit('Transpose', [context.emit('Reshape', [weights, context.integers(kernel[0], columns)])], { perm: [1, 0] })
  const outputs = positions(node.shape.slice(2)).map((position) => {
    const starts = position.map((at, k) => at * sweep.stride[k])
    const ends = starts.map((start, k) => start + reach(kernel[k + 2], sweep.dilation[k]))
    const window = context.emit('Slice', [
      x.name,
      context.integers(...starts),
      context.integers(...ends),
      context.integers(...axes),
      context.integers(...sweep.dilation),
    ])
    return context.emit('MatMul', [context.emit('Reshape', [window, context.integers(x.shape[0], columns)]), matrix])
  })
  const shape = [outputs.length, x.shape[0], kernel[0]]
  const stacked = context.emit('Reshape', [
    outputs.length > 1 ? context.emit('Concat', outputs, { axis: 0 }) : outputs[0],
    context.integers(...shape),
  ])
  return context.emit('Reshape', [context.emit('Transpose', [stacked], { perm: [1, 2, 0] }), context.integers(...node.shape)])
}

/** The runtime has no float64 convolution: for each kernel tap, the shifted input times that tap's matrix, summed. */
function productPerTap(context: LoweringContext, x: Value, weights: string, node: Node, sweep: Sweep): string {
  const [o, c, ...window] = node.inputs[1].shape
  const axes = spatialAxes(sweep.stride.length)
  const [n, , ...space] = node.shape
  const { groups } = sweep
  const terms = positions(window).map((tap) => {
    const starts = tap.map((at, k) => at * sweep.dilation[k])
    const ends = starts.map((start, k) => start + reach(space[k], sweep.stride[k]))
    const shifted = context.emit('Slice', [
      x.name,
      context.integers(...starts),
      context.integers(...ends),
      context.integers(...axes),
      context.integers(...sweep.stride),
    ])
    const columns = context.emit('Reshape', [shifted, context.integers(n, groups, c, sizeOf(space))])
    const slice = context.emit('Slice', [
      weights,
      context.integers(...tap),
      context.integers(...tap.map((at) => at + 1)),
      context.integers(...axes),
    ])
    return context.emit('MatMul', [context.emit('Reshape', [slice, context.integers(groups, o / groups, c)]), columns])
  })
  const total = terms.reduce((sum, term) => context.emit('Add', [sum, term]))
  return context.emit('Reshape', [total, context.integers(...node.shape)])
}
