import { fromArray, InputError, type NDArray, ndarray, scalar } from '../../engine/index.ts'
import { svd } from '../../engine/kernels/spectra.ts'
import type { LowRank } from '../../kits/lm/params.ts'

type Arrays = Readonly<Record<string, NDArray>>

/**
 * What tuning changed: W − W₀ for each parameter that is not as it was.
 *
 * @throws InputError for models that are not alike.
 */
export function deltaOf(tuned: Arrays, base: Arrays): Record<string, NDArray> {
  const changed: Record<string, NDArray> = {}
  for (const [path, { data, shape, dtype }] of Object.entries(tuned)) {
    const before = base[path]
    if (!before || `${before.shape}` !== `${shape}`)
      throw new InputError(`'${path}' is [${shape}] in one model and ${before ? `[${before.shape}]` : 'missing'} in the other`, {
        where: 'delta',
        fix: 'give a model and the base that it was tuned from',
      })
    const difference = Float32Array.from(data, (w, i) => w - before.data[i])
    if (difference.some((x) => x !== 0)) changed[path] = ndarray(difference, shape, dtype)
  }
  return changed
}

/** A matrix of low rank, and how far it is from the whole: ‖Δ − A B‖ / ‖Δ‖ in Frobenius norm. */
export interface Truncated {
  readonly lora: LowRank
  readonly error: number
}

/**
 * The best approximation of a change [in, out] by a rank (Eckart and Young): A B with scaling 1, singular values shared between both.
 *
 * @example
 * truncated(ndarray(Float32Array.of(2, 0, 0, 0), [2, 2], 'float32'), 1).error // 0
 */
export function truncated({ data, shape: [inputs, outputs] }: NDArray, rank: number): Truncated {
  const { u, s, v } = svd(Float64Array.from(data), inputs, outputs)
  const values = s.length
  const kept = Math.min(rank, values)
  const [a, b] = [new Float32Array(inputs * kept), new Float32Array(kept * outputs)]
  for (let k = 0; k < kept; k++) {
    const root = Math.sqrt(s[k])
    for (let i = 0; i < inputs; i++) a[i * kept + k] = root * u[i * values + k]
    for (let j = 0; j < outputs; j++) b[k * outputs + j] = root * v[j * values + k]
  }
  const energy = (from: number) => s.slice(from).reduce((sum, x) => sum + x * x, 0)
  const lora = { a: tensorOf(a, [inputs, kept]), b: tensorOf(b, [kept, outputs]), scaling: scalar(1) }
  return { lora, error: Math.sqrt(energy(kept) / Math.max(energy(0), Number.MIN_VALUE)) }
}

const tensorOf = (data: Float32Array, shape: readonly number[]) => fromArray(ndarray(data, shape, 'float32'))
