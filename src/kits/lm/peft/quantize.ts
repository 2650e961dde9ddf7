import { fromArray, isTensor, mapTree, ndarray, sizeOf, type Tensor } from '../../../engine/index.ts'
import { type DecoderParams, linearAt, linearPlaces, type QuantizedScales, type QuantizedWeight } from '../params.ts'
import { codesPerByte, levelsOf, scaleGroup } from '../quantized.ts'

export interface QuantizeOptions {
  readonly format?: QuantizedWeight['format']
  /** Weights that share a scale, a multiple of 8; default 64. 8-bit integers have a scale an output unit. */
  readonly block?: number
  /** Keep the scales themselves as bytes (default for nf4 and int2). */
  readonly doubleQuantize?: boolean
}

/** What quantization did to the linear maps of a model. */
export interface QuantizationReport {
  /** Weights that were quantized, and the bytes that they take with all their scales. */
  readonly weights: number
  readonly bytes: number
  /** Of the errors, per weight. */
  readonly meanSquaredError: number
  /** The largest relative change of a scale by double quantization. */
  readonly worstScale: number
}

/**
 * Quantizes the linear maps of the blocks; embeddings, norms and head stay as they are.
 *
 * @example
 * const config = llamaConfig({ ...sizes.nano })
 * const { report } = await quantizeModel(initDecoder(config, key(0)), { format: 'nf4' })
 * 8 * report.bytes / report.weights // 4.13
 */
export async function quantizeModel(
  params: DecoderParams,
  options: QuantizeOptions = {},
): Promise<{ params: DecoderParams; report: QuantizationReport }> {
  const quantized = mapTree<DecoderParams>(params, (leaf) => leaf)
  let [weights, bytes, squares, worstScale] = [0, 0, 0, 0]
  for (const block of quantized.blocks)
    for (const place of linearPlaces) {
      const linear = linearAt(block, place)
      if (!linear || !isTensor(linear.weight)) continue
      const made = await quantizeMatrix(linear.weight, options)
      linear.weight = made.weight
      weights += sizeOf(made.weight.shape)
      bytes += bytesOf(made.weight)
      squares += made.squaredError
      worstScale = Math.max(worstScale, made.worstScale)
    }
  return { params: quantized, report: { weights, bytes, meanSquaredError: weights > 0 ? squares / weights : 0, worstScale } }
}

/** Quantizes a matrix [in, out], and says by how much it and its scales were changed. */
export async function quantizeMatrix(
  weight: Tensor,
  { format = 'nf4', block = 64, doubleQuantize = format !== 'int8' }: QuantizeOptions = {},
): Promise<{ weight: QuantizedWeight; squaredError: number; worstScale: number }> {
  const [inputs, outputs] = weight.shape
  const byUnit = transposed((await weight.data()) as Float32Array, inputs, outputs)
  const size = format === 'int8' ? inputs : block
  const exact = scalesOf(byUnit, size)
  const kept = doubleQuantize ? quantizeScales(exact) : { scales: fromArray(ndarray(exact, [exact.length], 'float32')), values: exact }
  const levels = levelsOf[format]
  // Codes are the nearest to the exact scale, as in other libraries, also where a rounded one takes its place.
  const codes = Uint8Array.from(byUnit, (value, i) =>
    nearestCode(levels, exact[Math.floor(i / size)] === 0 ? 0 : value / exact[Math.floor(i / size)]),
  )
  const squaredError = byUnit.reduce((sum, value, i) => sum + (value - levels[codes[i]] * kept.values[Math.floor(i / size)]) ** 2, 0)
  const worstScale = exact.reduce((worst, scale, i) => (scale > 0 ? Math.max(worst, Math.abs(kept.values[i] / scale - 1)) : worst), 0)
  const shape = [inputs, outputs] as const
  const blocks = exact.length
  return {
    weight: { format, shape, codes: packed(codes, format, blocks * size), block: size, scales: kept.scales },
    squaredError,
    worstScale,
  }
}

function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(data.length)
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = data[r * columns + c]
  return out
}

/** The largest magnitude of each block; the last one may be short. */
function scalesOf(values: Float32Array, block: number): Float32Array {
  const scales = new Float32Array(Math.ceil(values.length / block))
  values.forEach((value, i) => {
    const at = Math.floor(i / block)
    scales[at] = Math.max(scales[at], Math.abs(value))
  })
  return scales
}

/** The place of the level nearest to a value; the lower one where two are as near. Levels rise. */
export function nearestCode(levels: readonly number[], value: number): number {
  let [low, high] = [0, levels.length - 1]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (levels[middle] <= value) low = middle
    else high = middle
  }
  return value - levels[low] <= levels[high] - value ? low : high
}

/** Several codes a byte, the first highest, four bytes a word; filled up with what stands for the level nearest to 0. */
function packed(codes: Uint8Array, format: QuantizedWeight['format'], padded: number): Tensor {
  const count = codesPerByte[format]
  const base = 256 ** (1 / count)
  const zero = nearestCode(levelsOf[format], 0)
  const bytes = new Uint8Array(Math.ceil(padded / count / 4) * 4)
  for (let i = 0; i < bytes.length * count; i++) bytes[Math.floor(i / count)] = bytes[Math.floor(i / count)] * base + (codes[i] ?? zero)
  const words = new Uint32Array(bytes.buffer)
  return fromArray(ndarray(words, [words.length], 'uint32'))
}

/** Dettmers et al. 2023, section 3: scales less their mean as bytes, with a scale for each 256 of them. */
function quantizeScales(scales: Float32Array): { scales: QuantizedScales; values: Float32Array } {
  const mean = Math.fround(scales.reduce((sum, scale) => sum + scale, 0) / scales.length)
  const centred = scales.map((scale) => scale - mean)
  const outer = scalesOf(centred, scaleGroup)
  const of = (i: number) => outer[Math.floor(i / scaleGroup)]
  const steps = centred.map((value, i) => (of(i) === 0 ? 0 : Math.round((127 * value) / of(i))))
  const codes = packed(
    Uint8Array.from(steps, (step) => step + 128),
    'int8',
    scales.length,
  )
  const values = steps.map((step, i) => Math.fround((step / 127) * of(i)) + mean)
  return { scales: { codes, scales: fromArray(ndarray(outer, [outer.length], 'float32')), mean: scalar32(mean) }, values }
}

const scalar32 = (value: number): Tensor => fromArray(ndarray(Float32Array.of(value), [], 'float32'))

/** What a quantized matrix takes: its codes and all that its scales need. */
export function bytesOf({ codes, scales }: Pick<QuantizedWeight, 'codes' | 'scales'>): number {
  const own = 4 * codes.shape[0]
  return own + (isTensor(scales) ? 4 * scales.shape[0] : 4 * scales.codes.shape[0] + 4 * scales.scales.shape[0] + 4)
}
