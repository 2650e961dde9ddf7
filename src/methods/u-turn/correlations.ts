import { InputError, type NDArray } from '../../engine/index.ts'

/** How much of one set of samples is left in another, sample by sample: Σ⟨a, b⟩ / Σ‖a‖². */
export interface Correlation {
  /** As the authors' code has it: it cannot fall below the mean's share of the second moment (0.76 for digits in [−1, 1]). */
  readonly raw: number
  /** Of differences from the data's mean: 0 for independent samples. */
  readonly centred: number
}

/** Σ⟨a − m, b − m⟩ / Σ‖a − m‖², in float64. */
function share(a: NDArray, b: NDArray, mean?: ArrayLike<number>): number {
  const size = a.data.length / a.shape[0]
  let [products, squares] = [0, 0]
  for (let i = 0; i < a.data.length; i++) {
    const m = mean ? mean[i % size] : 0
    const x = a.data[i] - m
    products += x * (b.data[i] - m)
    squares += x * x
  }
  return products / squares
}

function requirePairs(a: NDArray, b: NDArray): void {
  if (`${a.shape}` === `${b.shape}` && a.shape[0] > 0) return
  throw new InputError(`samples of shape [${a.shape.join(', ')}] and [${b.shape.join(', ')}] are no pairs`)
}

/**
 * The correlation of x₀ with what came back from its U-turn.
 *
 * @param mean Of the data, [elements of one sample].
 * @throws InputError for sets of unlike shapes.
 * @example
 * const x = { data: Float32Array.of(1, -1), shape: [2, 1], dtype: 'float32' } as const
 * uTurnCorrelation(x, x, [0]).centred // 1
 */
export function uTurnCorrelation(x0: NDArray, y0: NDArray, mean: ArrayLike<number>): Correlation {
  requirePairs(x0, y0)
  return { raw: share(x0, y0), centred: share(x0, y0, mean) }
}

/**
 * The auto-correlation along trajectories, states by step [n, ...shape] each: of every state with the first (`forward`) or with the last (`reverse`). Raw, as
 * the paper's curves are, unless a mean is given.
 *
 * @example
 * const state = (...data: number[]) => ({ data: Float32Array.from(data), shape: [2, 1], dtype: 'float32' }) as const
 * autocorrelation([state(1, 1), state(1, -1)], 'forward') // [1, 0]
 */
export function autocorrelation(states: readonly NDArray[], anchor: 'forward' | 'reverse', mean?: ArrayLike<number>): number[] {
  const from = anchor === 'forward' ? states[0] : states[states.length - 1]
  if (!from) throw new InputError('a trajectory without states has no correlation')
  return states.map((state) => {
    requirePairs(from, state)
    return share(from, state, mean)
  })
}

/** The mean over samples of ‖x‖², in float64. */
export function meanSquare({ data, shape }: NDArray): number {
  let sum = 0
  for (const value of data) sum += value * value
  return sum / shape[0]
}

/**
 * σ‖s(x; σ)‖/√d, the mean over samples, of noisy data and its estimate: ‖x − D‖/(σ √d), which is 1 in pure noise.
 *
 * @example
 * const array = (...data: number[]) => ({ data: Float32Array.from(data), shape: [1, 2], dtype: 'float32' }) as const
 * scoreNorm(array(2, 2), array(0, 0), 2) // 1
 */
export function scoreNorm(x: NDArray, estimate: NDArray, sigma: number): number {
  requirePairs(x, estimate)
  const n = x.shape[0]
  const size = x.data.length / n
  let sum = 0
  for (let row = 0; row < n; row++) {
    let squares = 0
    for (let i = row * size; i < (row + 1) * size; i++) squares += (x.data[i] - estimate.data[i]) ** 2
    sum += Math.sqrt(squares / size)
  }
  return sum / n / sigma
}
