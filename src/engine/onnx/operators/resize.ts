import { isFloat } from '../../dtype.ts'
import { alongAxis, inside, type Kernel, keys, matrixOf, normalized, type Share, sharesAround, triangle } from '../../ops/weights.ts'
import { cast, full, gather, tensor, where } from '../../ops.ts'
import type { Tensor } from '../../tensor.ts'
import type { Call, Operator, Operators } from './call.ts'

/*
 * Resizing is separable: along each axis it is a matrix whose rows hold the weights of an output element.
 */

interface Axis {
  readonly from: number
  readonly to: number
  readonly scale: number
  readonly region: readonly [start: number, end: number]
}

type Coordinate = (k: number, axis: Axis) => number

/** Where output element k lies among the inputs. */
const coordinates: Readonly<Record<string, Coordinate>> = {
  half_pixel: (k, { scale }) => (k + 0.5) / scale - 0.5,
  half_pixel_symmetric: (k, { from, to, scale }) => {
    const adjustment = to / (scale * from)
    return (from / 2) * (1 - adjustment) + (k + 0.5) / scale - 0.5
  },
  pytorch_half_pixel: (k, { to, scale }) => (to > 1 ? (k + 0.5) / scale - 0.5 : 0),
  tf_half_pixel_for_nn: (k, { scale }) => (k + 0.5) / scale,
  align_corners: (k, { from, to, scale }) => (to > 1 ? (k * (from - 1)) / (scale * from - 1) : 0),
  asymmetric: (k, { scale }) => k / scale,
  tf_crop_and_resize: (k, { from, to, region: [start, end] }) =>
    to > 1 ? start * (from - 1) + (k * (end - start) * (from - 1)) / (to - 1) : 0.5 * (start + end) * (from - 1),
}

const roundings: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
}

interface Options {
  readonly filter: Kernel
  readonly coordinate: Coordinate
  readonly antialias: boolean
  readonly excludeOutside: boolean
}

/** The largest matrix that is worth its memory. */
const largestMatrix = 2 ** 26

/** What each element of a resized axis takes from the axis. Samples outside of the input are its border, or left out. */
const sharesOf = (axis: Axis, { filter, coordinate, antialias, excludeOutside }: Options): Share[][] =>
  Array.from({ length: axis.to }, (_, k) => {
    // Shrinking with antialiasing widens the filter to what falls into one output element.
    const shares = sharesAround(coordinate(k, axis), filter, antialias ? Math.max(1 / axis.scale, 1) : 1)
    return normalized(excludeOutside ? inside(shares, axis.from) : shares)
  })

/** Weighted sums are of floats; integers get what is left of them by cutting. */
const weighted = (x: Tensor, axis: number, shares: readonly Share[][]): Tensor => {
  const dtype = isFloat(x.dtype) ? x.dtype : 'float32'
  return cast(alongAxis(cast(x, dtype), axis, matrixOf(shares, x.shape[axis], dtype)), x.dtype)
}

/** The extents and scales of the axes that are resized. */
function axesOf(call: Call, x: Tensor, inputs: { roi: number; scales: number; sizes: number }): Map<number, Axis> {
  const list = call.axes(call.integers('axes') ?? [...x.shape.keys()])
  const scales = call.has(inputs.scales) && call.numbers(inputs.scales)!.length > 0 ? call.numbers(inputs.scales)! : call.floats('scales')
  let sizes = call.has(inputs.sizes) ? call.numbers(inputs.sizes)! : undefined
  const roi = call.has(inputs.roi) ? call.numbers(inputs.roi)! : []
  const given = scales ?? sizes ?? call.fail('neither scales nor sizes are given')
  if (given.length !== list.length) call.fail(`${given.length} scales or sizes for ${list.length} axes`)
  let ratios = sizes ? sizes.map((size, i) => size / x.shape[list[i]]) : [...scales!]
  const policy = call.string('keep_aspect_ratio_policy', 'stretch')
  if (sizes && policy !== 'stretch') {
    const common = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios)
    ratios = ratios.map(() => common)
    sizes = list.map((axis) => Math.round(common * x.shape[axis]))
  }
  return new Map(
    list.map((axis, i) => {
      const from = x.shape[axis]
      const to = sizes ? sizes[i] : Math.floor(from * ratios[i])
      if (!(Number.isInteger(to) && to >= 1 && from >= 1)) call.fail(`axis ${axis} of ${from} cannot be resized to ${to}`)
      return [axis, { from, to, scale: ratios[i], region: [roi[i] ?? 0, roi[list.length + i] ?? 1] }]
    }),
  )
}

const resizing = (call: Call, inputs: { roi: number; scales: number; sizes: number }, older: boolean): Tensor => {
  const x = call.input()
  const named = <T>(table: Readonly<Record<string, T>>, name: string): T =>
    Object.hasOwn(table, name) ? table[name] : call.fail(`there is no '${name}'`)
  const mode = call.string('mode', 'nearest')
  const transformation = call.string('coordinate_transformation_mode', older ? 'asymmetric' : 'half_pixel')
  const coordinate = named(coordinates, transformation)
  const rounding = named(roundings, call.string('nearest_mode', older ? 'floor' : 'round_prefer_floor'))
  const filters: Record<string, Kernel> = { linear: triangle, cubic: keys(call.float('cubic_coeff_a', -0.75)) }
  const antialias = call.flag('antialias')
  const excludeOutside = call.flag('exclude_outside')
  let y = x
  for (const [axis, line] of axesOf(call, x, inputs)) {
    const whole = line.region[0] === 0 && line.region[1] === 1
    if (line.from === line.to && line.scale === 1 && (whole || transformation !== 'tf_crop_and_resize')) continue
    if (mode === 'nearest') {
      const indices = Array.from({ length: line.to }, (_, k) => Math.min(Math.max(rounding(coordinate(k, line)), 0), line.from - 1))
      y = gather(y, tensor(Int32Array.from(indices)), { axis })
    } else {
      if (line.from * line.to > largestMatrix) call.fail(`an axis of ${line.from} is too long to be resized to ${line.to}`)
      const options = { filter: named(filters, mode), coordinate, antialias, excludeOutside }
      y = weighted(y, axis, sharesOf(line, options))
    }
    if (transformation === 'tf_crop_and_resize') y = extrapolated(call, y, axis, line)
  }
  return y
}

/** What is cropped from outside of the input has a value of its own. */
function extrapolated(call: Call, y: Tensor, axis: number, line: Axis): Tensor {
  const inside = Array.from({ length: line.to }, (_, k) => {
    const at = coordinates.tf_crop_and_resize(k, line)
    return at >= 0 && at <= line.from - 1
  })
  const mask = tensor(Uint8Array.from(inside, Number), { shape: y.shape.map((_, k) => (k === axis ? line.to : 1)) })
  return where(mask, y, full([], call.float('extrapolation_value', 0), y.dtype))
}

export const resizeOperators: Operators = {
  Resize: (call) =>
    call.opset >= 11 ? resizing(call, { roi: 1, scales: 2, sizes: 3 }, false) : resizing(call, { roi: -1, scales: 1, sizes: -1 }, true),
  Upsample: (call) => resizing(call, { roi: -1, scales: 1, sizes: -1 }, true),
} satisfies Record<string, Operator>
