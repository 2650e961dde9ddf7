import {
  add,
  div,
  InputError,
  matmul,
  mul,
  type NDArray,
  neg,
  reshape,
  softmax,
  square,
  sub,
  swapLast,
  type Tensor,
  tensor,
} from '../../../engine/index.ts'
import type { Denoiser, Estimator } from '../denoiser.ts'
import type { NoiseProcess } from '../process.ts'

/** Of n examples of d elements, which are relative to their mean: differences of squares lose less. */
interface SetParams {
  /** [n, d] */
  readonly points: Tensor
  /** Half of the squared norm of each [n]. */
  readonly energies: Tensor
  /** [d] */
  readonly mean: Tensor
}

/**
 * The optimal denoiser of a finite training set: the mean of its examples, weighted by softmax(−‖x − signal·xᵢ‖² / 2noise²). No network has a smaller
 * denoising loss on that set; what it samples are copies.
 *
 * @param x float32 [n, ...shape]
 * @example
 * const process = processOf({ kind: 'vp', betas: [0.1, 20] })
 * trainingSet({ process, x: ndarray(Float32Array.of(0, 0, 1, 1), [2, 2], 'float32') }).shape // [2]
 */
export function trainingSet({
  process,
  x,
  range,
}: {
  readonly process: NoiseProcess
  readonly x: NDArray
  readonly range?: readonly [number, number]
}): Denoiser {
  const [n, ...shape] = x.shape
  if (n < 1 || shape.length < 1) throw new InputError(`a training set is [n, ...shape], not [${x.shape.join(', ')}]`)
  const served = { params: paramsOf(x), estimate: estimate as Estimator }
  return { process, shape, ...(range && { range }), at: () => served }
}

function paramsOf({ data, shape: [n] }: NDArray): SetParams {
  const d = data.length / n
  const mean = new Float64Array(d)
  data.forEach((value, i) => {
    mean[i % d] += value / n
  })
  const points = Float32Array.from(data, (value, i) => value - mean[i % d])
  const energies = new Float32Array(n)
  for (let i = 0; i < n; i++) energies[i] = points.subarray(i * d, (i + 1) * d).reduce((total, value) => total + value ** 2 / 2, 0)
  return { points: tensor(points, { shape: [n, d] }), energies: tensor(energies), mean: tensor(Float32Array.from(mean)) }
}

const estimate: Estimator<SetParams> = ({ points, energies, mean }, x, level) => {
  const [signal, noise] = [level.signal, level.noise].map((y) => reshape(y, [-1, 1]))
  const centred = sub(reshape(x, [x.shape[0], -1]), mul(signal, mean))
  // ‖x‖² is the same for all examples, and cancels.
  const closeness = div(sub(mul(signal, matmul(centred, swapLast(points))), mul(square(signal), energies)), square(noise))
  const x0 = add(matmul(softmax(closeness), points), mean)
  const eps = div(sub(add(centred, mul(signal, mean)), mul(signal, x0)), noise)
  const like = (y: Tensor): Tensor => reshape(y, x.shape)
  return { x0: like(x0), eps: like(eps), score: like(neg(div(eps, noise))) }
}
