import {
  type ArrayFunction,
  arrayFunction,
  evaluate,
  InputError,
  jvp,
  mul,
  type NDArray,
  ndarray,
  sizeOf,
  sum,
  type Tensor,
  zerosArray,
} from '../../../engine/index.ts'
import type { Denoiser } from '../denoiser.ts'
import { sigmaOf, timeGrid } from '../grid.ts'
import { guidedEstimate, inputsLike, remembered, type Served } from './evaluation.ts'
import { noiseUses, signNoise } from './noise.ts'
import { checkStates, priorDeviation } from './states.ts'
import { blockRowsOf } from './walk.ts'

export interface LikelihoodOptions {
  /** Steps of Heun's method, two evaluations each. */
  readonly steps: number
  /** Random directions in which the divergence is measured (Hutchinson's estimate), or all of them: as many as x has elements. Default: 1. */
  readonly probes?: number | 'exact'
  readonly seed?: number
  /** Class of each example. */
  readonly labels?: ArrayLike<number>
  readonly signal?: AbortSignal
}

/**
 * Log-density in nats of each example under the model, by the probability flow (Song et al. 2021, section 4.3 and appendix D): with y = x / signal,
 * dy/dσ = ε̂ and d log p/dσ = −∇·ε̂, integrated by Heun's method from the least σ of the grid, whose noise is part of the density, to the greatest.
 * Estimates are not clipped.
 *
 * @param x float32 [count, ...shape], as the user has it
 * @example
 * const process = processOf({ kind: 'edm', sigmas: [0.002, 80], train: [-1.2, 1.2] })
 * const denoiser = gaussian({ process, mean: [1, 0], covariance: 0.5 })
 * const found = await logLikelihood(denoiser, denoiser.draw(10, 0), { steps: 100, probes: 'exact' })
 * found.length // 10
 */
export async function logLikelihood(denoiser: Denoiser, x: NDArray, options: LikelihoodOptions): Promise<Float64Array> {
  const { probes = 1, labels, signal } = options
  const [count] = x.shape
  checkStates(denoiser, x, 'the data')
  if (probes !== 'exact' && (!Number.isInteger(probes) || probes < 1))
    throw new InputError(`${probes} probes: a whole number from 1 is needed`)
  if (labels && labels.length !== count) throw new InputError(`${labels.length} labels for ${count} examples`)
  const times = timeGrid(denoiser.process, options.steps + 1, { sampler: 'heun' })
    .slice(0, -1)
    .reverse()
  const result = new Float64Array(count)
  const blockRows = blockRowsOf(sizeOf(denoiser.shape))
  for (let first = 0; first < count; first += blockRows) {
    const rows = new LikelihoodRows(denoiser, x, first, options)
    for (let k = 0; k + 1 < times.length; k++) {
      await rows.step(times[k], times[k + 1])
      signal?.throwIfAborted()
    }
    result.set(rows.logDensity(times.at(-1)!).subarray(0, Math.min(blockRows, count - first)), first)
  }
  return result
}

const compiled = new WeakMap<Served, Map<string, Promise<ArrayFunction>>>()

/** (x, probe, levels, label) → ε̂ [rows, ...shape], and probeᵀ·(∂ε̂/∂x)·probe [rows]. */
function compiledFlow(served: Served, shape: readonly number[], rows: number, none: number | undefined): Promise<ArrayFunction> {
  const form = { shape, rows, ...(none !== undefined && { none }), guided: false }
  return remembered(compiled, served, JSON.stringify(form), async () => {
    const params = await evaluate(served.params)
    const { x, signal, noise, condition, label } = inputsLike(form)
    const flow = (inputs: { x: Tensor; probe: Tensor; signal: Tensor; noise: Tensor; condition: Tensor; label?: Tensor }): Tensor[] => {
      const eps = (x: Tensor): Tensor => guidedEstimate(params, served, form, { ...inputs, x }).eps
      const { value, tangent } = jvp(eps, [inputs.x], [inputs.probe])
      return [value, sum(mul(tangent, inputs.probe), { axes: shape.map((_, i) => i + 1) })]
    }
    return arrayFunction(flow, [{ x, probe: x, signal, noise, condition, ...(label && { label }) }], 'a step of a likelihood')
  })
}

/** A block of examples on their way from data to noise. */
class LikelihoodRows {
  readonly #denoiser: Denoiser
  readonly #size: number
  readonly #rows: number
  readonly #y: Float64Array
  /** ∫∇·ε̂ dσ so far. */
  readonly #growth: Float64Array
  readonly #probes: readonly NDArray[]
  /** Of one probe in the trace: all unit vectors together give it, each random one estimates it. */
  readonly #share: number
  readonly #label: readonly NDArray[]
  readonly #levels: readonly NDArray[]

  constructor(denoiser: Denoiser, { data }: NDArray, first: number, { probes = 1, seed = 0, labels }: LikelihoodOptions) {
    const { shape, centre, classes } = denoiser
    const size = sizeOf(shape)
    const rows = blockRowsOf(size)
    this.#denoiser = denoiser
    this.#size = size
    this.#rows = rows
    this.#growth = new Float64Array(rows)
    this.#levels = Array.from({ length: 3 }, () => zerosArray([rows]))
    const given = data.subarray(first * size, (first + rows) * size)
    this.#y = new Float64Array(rows * size)
    for (let i = 0; i < given.length; i++) this.#y[i] = given[i] - (centre ? centre.data[i % size] : 0)
    const directions = Array.from({ length: probes === 'exact' ? size : probes }, () => zerosArray([rows, ...shape]))
    const signs = signNoise(seed, noiseUses.probes, size)
    directions.forEach(({ data }, k) => {
      if (probes === 'exact') for (let row = 0; row < rows; row++) data[row * size + k] = 1
      else signs(k, { first, count: rows }, data as Float32Array)
    })
    this.#probes = directions
    this.#share = probes === 'exact' ? 1 : 1 / probes
    const label = (row: number) => labels?.[first + row] ?? classes!
    this.#label =
      classes === undefined
        ? []
        : [
            ndarray(
              Int32Array.from({ length: rows }, (_, row) => label(row)),
              [rows],
              'int32',
            ),
          ]
  }

  /** One step of Heun's method. */
  async step(from: number, to: number): Promise<void> {
    const h = sigmaOf(this.#denoiser.process, to) - sigmaOf(this.#denoiser.process, from)
    const first = await this.#flow(from, this.#y)
    const second = await this.#flow(
      to,
      this.#y.map((y, i) => y + h * first.eps[i]),
    )
    for (let i = 0; i < this.#y.length; i++) this.#y[i] += 0.5 * h * (first.eps[i] + second.eps[i])
    for (let row = 0; row < this.#rows; row++) this.#growth[row] += 0.5 * h * (first.divergence[row] + second.divergence[row])
  }

  /** ε̂ at y, and its divergence in y. */
  async #flow(time: number, y: Float64Array): Promise<{ readonly eps: Float32Array; readonly divergence: Float64Array }> {
    const { process, shape, classes } = this.#denoiser
    const { signal, noise, condition } = process.at(time)
    for (const [i, value] of [signal, noise, condition].entries()) this.#levels[i].data.fill(value)
    const x = ndarray(
      Float32Array.from(y, (value) => signal * value),
      [this.#rows, ...shape],
      'float32',
    )
    const graph = await compiledFlow(this.#denoiser.at(time), shape, this.#rows, classes)
    const divergence = new Float64Array(this.#rows)
    let eps = new Float32Array(0)
    for (const probe of this.#probes) {
      const [value, curvature] = await graph.run([x, probe, ...this.#levels, ...this.#label])
      eps = value.data as Float32Array<ArrayBuffer>
      for (let row = 0; row < this.#rows; row++) divergence[row] += signal * this.#share * curvature.data[row]
    }
    return { eps, divergence }
  }

  /** Of the prior at the last time, plus what volumes have grown. */
  logDensity(time: number): Float64Array {
    const { signal } = this.#denoiser.process.at(time)
    const variance = (priorDeviation(this.#denoiser, time) / signal) ** 2
    return this.#growth.map((growth, row) => {
      let squares = 0
      for (let i = row * this.#size; i < (row + 1) * this.#size; i++) squares += this.#y[i] ** 2
      return growth - 0.5 * (squares / variance + this.#size * Math.log(2 * Math.PI * variance))
    })
  }
}
