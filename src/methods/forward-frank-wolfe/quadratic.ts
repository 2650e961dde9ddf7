import {
  add,
  div,
  evaluate,
  fold,
  key,
  matmul,
  mul,
  norm,
  random,
  reshape,
  square,
  sub,
  sum,
  swapLast,
  type Tensor,
} from '../../engine/index.ts'
import * as linalg from '../../engine/linalg.ts'

/** f(x) = ½‖Ax − b‖² for float64 A [m, n]. */
export interface Quadratic {
  readonly a: Tensor
  readonly b: Tensor
}

export const quadraticLoss = (x: Tensor, { a, b }: Quadratic): Tensor => mul(sum(square(sub(matvec(a, x), b))), 0.5)

const matvec = (a: Tensor, x: Tensor): Tensor => reshape(matmul(a, reshape(x, [-1, 1])), [-1])

/** A with entries N(0, 1/m), x_true of norm 3, b = A x_true + noise of deviation 0.1/√m: the optimum without constraint has a norm of about 3. */
export function quadraticProblem(seed: number, { rows = 200, columns = 30 } = {}): Promise<Quadratic> {
  const dtype = 'float64'
  const [forA, forX, forNoise] = [0, 1, 2].map((use) => fold(key(seed), use))
  const a = div(random.normal(forA, [rows, columns], { dtype }), Math.sqrt(rows))
  const direction = random.normal(forX, [columns], { dtype })
  const truth = mul(direction, div(3, norm(direction)))
  const noise = mul(random.normal(forNoise, [rows], { dtype }), 0.1 / Math.sqrt(rows))
  return evaluate({ a, b: add(matvec(a, truth), noise) })
}

/** The quadratic in the eigenvectors of AᵀA, on the host. */
interface Spectrum {
  /** Eigenvalues of AᵀA. */
  readonly values: Float64Array
  /** Aᵀb in their basis. */
  readonly c: Float64Array
  /** ½‖b‖². */
  readonly atZero: number
}

export async function spectrumOf({ a, b }: Quadratic): Promise<Spectrum> {
  const { values, vectors } = linalg.eigh(matmul(swapLast(a), a))
  const c = matvec(swapLast(vectors), matvec(swapLast(a), b))
  const found = await evaluate({ values, c, atZero: mul(sum(square(b)), 0.5) })
  return {
    values: (await found.values.data()) as Float64Array,
    c: (await found.c.data()) as Float64Array,
    atZero: await found.atZero.item(),
  }
}

export interface BallMinimum {
  readonly value: number
  /** λ ≥ 0 of (AᵀA + λI)x = Aᵀb; 0 where the constraint is slack, so that the optimum lies inside. */
  readonly multiplier: number
  /** ‖x‖ at the minimum. */
  readonly norm: number
}

/** min of f over ‖x‖ ≤ R: the secular equation Σ (c_i/(σ_i + λ))² = R², by halving, to the last digit. */
export function minimumOnBall({ values, c, atZero }: Spectrum, radius: number): BallMinimum {
  const normAt = (lambda: number) => Math.hypot(...c.map((ci, i) => ci / (values[i] + lambda)))
  const valueAt = (lambda: number) =>
    atZero + c.reduce((total, ci, i) => total + ((ci / (values[i] + lambda)) ** 2 * values[i]) / 2 - ci ** 2 / (values[i] + lambda), 0)
  const found = (lambda: number): BallMinimum => ({ value: valueAt(lambda), multiplier: lambda, norm: normAt(lambda) })
  if (normAt(0) <= radius) return found(0)
  let [low, high] = [0, Math.hypot(...c) / radius]
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2
    if (normAt(middle) > radius) low = middle
    else high = middle
  }
  return found(high)
}
