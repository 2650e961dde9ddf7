import {
  abs,
  add,
  bitAnd,
  cast,
  clip,
  div,
  expandDims,
  gather,
  greater,
  isTensor,
  logicalNot,
  max,
  maximum,
  mul,
  reshape,
  round,
  shiftRight,
  slice,
  stopGradient,
  sub,
  swapLast,
  type Tensor,
  tensor,
  where,
} from '../../engine/index.ts'
import type { QuantizedScales, QuantizedWeight } from './params.ts'

/** The 16 levels of 4-bit NormalFloat: quantiles of the normal distribution over its largest, with 0 among them (Dettmers et al. 2023, appendix E). */
export const nf4Levels = [
  -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0,
  0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941,
  0.7229568362236023, 1,
] as const

const evenLevels = [-1, -1 / 3, 1 / 3, 1] as const

/** What the codes of a format stand for, in units of their scale. A code is its place here; the 8-bit ones are −127 to 127, plus 128. */
export const levelsOf: Readonly<Record<QuantizedWeight['format'], readonly number[]>> = {
  nf4: nf4Levels,
  int8: Array.from({ length: 256 }, (_, byte) => Math.max(byte - 128, -127) / 127),
  int2: evenLevels,
}

/** How many codes a byte holds. */
export const codesPerByte: Readonly<Record<QuantizedWeight['format'], number>> = { nf4: 2, int8: 1, int2: 4 }

/** The weights that each byte stands for [256, codes per byte]: one look-up unpacks a whole byte. */
const byteTables = Object.fromEntries(
  (['nf4', 'int8', 'int2'] as const).map((format) => [format, tensor(byteTable(format), { shape: [256, codesPerByte[format]] })]),
) as Readonly<Record<QuantizedWeight['format'], Tensor>>

function byteTable(format: QuantizedWeight['format']): Float32Array {
  const [levels, count] = [levelsOf[format], codesPerByte[format]]
  return Float32Array.from({ length: 256 * count }, (_, i) => {
    const [byte, place] = [Math.floor(i / count), i % count]
    return levels[Math.floor(byte / levels.length ** (count - 1 - place)) % levels.length]
  })
}

/** uint32 words → the bytes in them, int32 [4 · words]. */
function bytesIn(words: Tensor): Tensor {
  const bytes = bitAnd(shiftRight(expandDims(words, 1), tensor(Uint32Array.of(0, 8, 16, 24))), 255)
  return reshape(cast(bytes, 'int32'), [4 * words.shape[0]])
}

/** The matrix [in, out] that codes stand for, float32. */
export function dequantize({ format, shape: [inputs, outputs], codes, block, scales }: QuantizedWeight): Tensor {
  const blocks = Math.ceil((inputs * outputs) / block)
  const levels = reshape(gather(byteTables[format], bytesIn(codes)), [4 * codes.shape[0] * codesPerByte[format]])
  const scaled = mul(reshape(first(levels, blocks * block), [blocks, block]), expandDims(scalesOf(scales, blocks), 1))
  return swapLast(reshape(first(reshape(scaled, [blocks * block]), inputs * outputs), [outputs, inputs]))
}

const first = (x: Tensor, count: number): Tensor => (x.shape[0] === count ? x : slice(x, { axis: 0, end: count }))

/** Scales share theirs in groups of so many. */
export const scaleGroup = 256

/** float32 [blocks] */
function scalesOf(scales: Tensor | QuantizedScales, blocks: number): Tensor {
  if (isTensor(scales)) return scales
  const groups = scales.scales.shape[0]
  const steps = first(reshape(gather(byteTables.int8, bytesIn(scales.codes)), [4 * scales.codes.shape[0]]), blocks)
  const own = first(reshape(mul(expandDims(scales.scales, 1), tensor(new Float32Array(scaleGroup).fill(1))), [groups * scaleGroup]), blocks)
  return add(mul(steps, own), scales.mean)
}

/** Inputs of larger magnitude stay as they are in LLM.int8 (Dettmers et al. 2022). */
export const outlierThreshold = 6

/**
 * What an 8-bit product reads of x [..., in]: each row in 255 steps up to its largest magnitude, but for features that exceed the threshold anywhere, which
 * stay exact. Gradients pass as if nothing were rounded. Other formats leave x alone.
 */
export function roundedInputs({ format }: QuantizedWeight, x: Tensor): Tensor {
  if (format !== 'int8') return x
  const isOutlier = greater(max(abs(x), { axes: [...x.shape.keys()].slice(0, -1) }), outlierThreshold)
  const usual = where(isOutlier, 0, x)
  const step = div(maximum(max(abs(usual), { axes: [-1], keepDims: true }), 1e-20), 127)
  const rounded = mul(clip(round(div(usual, step)), -127, 127), step)
  return add(x, stopGradient(where(logicalNot(isOutlier), sub(rounded, x), 0)))
}
