import { sigmaOf } from '../grid.ts'
import type { Grid } from './grid.ts'
import type { Block, Journey, Walk } from './walk.ts'

/*
 * The pair of Dormand and Prince (1980): stages, their weights, and the weights of the difference to the embedded method of order 4.
 */
const nodes = [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1]
const weights = [
  [],
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
]
const errorWeights = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40]

/** Steps of one sample after which it is given up, as one that does not become finite. */
const mostSteps = 5000

/**
 * The probability flow dy/dσ = ε̂ with y = x / signal by an adaptive Runge-Kutta method of order 5. Every sample has steps of its own, so that none depends on
 * those beside it: an error of `tolerance` of max(1, |y|) a step, in the root mean square over its elements. From the least σ of the grid to 0 one Euler step.
 */
export function rk45Journey(
  walk: Walk,
  { times, begin }: Grid,
  { tolerance = 1e-5 }: { readonly tolerance?: number },
  keep: readonly number[],
): Journey {
  const last = times.length - 1
  const needed = [...keep, ...(times[last] === 0 ? [last - 1] : []), last].filter((index) => index > begin)
  const stops = [...new Set(needed)].sort((a, b) => a - b)
  return {
    stops,
    async go(blocks, arrived) {
      const flights = blocks.map((block) => new Flight(walk, block, times[begin], tolerance))
      for (const stop of stops) {
        for (const flight of flights) await flight.to(times[stop])
        await arrived(stop)
      }
      return Math.max(...flights.map((flight) => flight.evaluations))
    },
  }
}

/** A block on its way. Row r stands at σ[r] and takes steps of h[r]; its slope there is the first stage. */
class Flight {
  readonly #walk: Walk
  readonly #block: Block
  readonly #tolerance: number
  readonly #y: Float64Array
  readonly #trial: Float64Array
  readonly #stages: Float64Array[]
  readonly #sigma: Float64Array
  readonly #h: Float64Array
  readonly #asked: Int32Array
  #known = false

  constructor(walk: Walk, block: Block, time: number, tolerance: number) {
    const { signal } = walk.denoiser.process.at(time)
    const sigma = sigmaOf(walk.denoiser.process, time)
    this.#walk = walk
    this.#block = block
    this.#tolerance = tolerance
    this.#y = Float64Array.from(block.x.data, (x) => x / signal)
    this.#trial = new Float64Array(this.#y.length)
    this.#stages = nodes.map(() => new Float64Array(this.#y.length))
    this.#sigma = new Float64Array(block.count).fill(sigma)
    this.#h = new Float64Array(block.count).fill(0.05 * sigma)
    this.#asked = new Int32Array(block.count)
  }

  /** Of the sample that was asked for most often. */
  get evaluations(): number {
    return Math.max(...this.#asked)
  }

  /** Takes every row to a time, and leaves the states there in the block. */
  async to(time: number): Promise<void> {
    const { process } = this.#walk.denoiser
    const { signal } = process.at(time)
    const target = sigmaOf(process, time)
    if (target === 0) await this.#euler()
    else await this.#adapt(target)
    this.#block.x.data.set(this.#y.map((y) => signal * y))
  }

  async #adapt(target: number): Promise<void> {
    const rows = [...this.#sigma.keys()]
    if (!this.#known) await this.#slopes(rows, 0)
    this.#known = true
    const away = (row: number): boolean => this.#sigma[row] > target
    for (let step = 0, open = rows.filter(away); open.length > 0; step++, open = open.filter(away)) {
      const h = open.map((row) => Math.min(this.#h[row], this.#sigma[row] - target))
      for (let stage = 1; stage < nodes.length; stage++) await this.#slopes(open, stage, h)
      open.forEach((row, i) => {
        this.#judge(row, h[i], target, step >= mostSteps)
      })
    }
  }

  /** Slopes of the rows at a stage of steps h; the last stage is evaluated where the step would end. */
  async #slopes(rows: readonly number[], stage: number, h: readonly number[] = []): Promise<void> {
    const { process } = this.#walk.denoiser
    const { size } = this.#walk
    const { x, spare } = this.#block
    const levels = new Map(rows.map((row, i) => [row, process.levelOf(this.#sigma[row] - nodes[stage] * (h[i] ?? 0))]))
    rows.forEach((row, i) => {
      const { signal } = levels.get(row)!
      const [begin, end] = [row * size, (row + 1) * size]
      this.#trial.set(this.#y.subarray(begin, end), begin)
      weights[stage].forEach((weight, k) => {
        const slopes = this.#stages[k]
        for (let at = begin; at < end; at++) this.#trial[at] -= h[i] * weight * slopes[at]
      })
      for (let at = begin; at < end; at++) x.data[at] = signal * this.#trial[at]
      this.#asked[row]++
    })
    await this.#walk.estimate(this.#block, (row) => levels.get(row), spare)
    for (const [row, { signal, noise }] of levels)
      for (let at = row * size; at < (row + 1) * size; at++) this.#stages[stage][at] = ((this.#trial[at] - spare.data[at]) * signal) / noise
  }

  /** Takes a row's step or refuses it, and chooses the length of the next. */
  #judge(row: number, h: number, target: number, giveUp: boolean): void {
    const { size } = this.#walk
    let squares = 0
    for (let at = row * size; at < (row + 1) * size; at++) {
      let error = 0
      for (let k = 0; k < nodes.length; k++) error += errorWeights[k] * this.#stages[k][at]
      squares += ((h * error) / Math.max(1, Math.abs(this.#y[at]), Math.abs(this.#trial[at]))) ** 2
    }
    const error = Math.sqrt(squares / size) / this.#tolerance
    const lost = giveUp || !Number.isFinite(error)
    if (lost) this.#trial.fill(Number.NaN, row * size, (row + 1) * size)
    if (lost || error <= 1) {
      this.#y.set(this.#trial.subarray(row * size, (row + 1) * size), row * size)
      this.#stages[0].set(this.#stages.at(-1)!.subarray(row * size, (row + 1) * size), row * size)
      this.#sigma[row] = lost || h >= this.#sigma[row] - target ? target : this.#sigma[row] - h
    }
    this.#h[row] = h * Math.min(10, Math.max(0.2, 0.9 * Math.max(error, 1e-10) ** -0.2))
  }

  /** To σ = 0, where nothing can be asked: y − σ·ε̂ = x̂₀. */
  async #euler(): Promise<void> {
    const { process } = this.#walk.denoiser
    const { x, spare } = this.#block
    const rows = [...this.#sigma.keys()]
    await this.#slopes(rows, 0)
    this.#y.set(spare.data)
    x.data.set(spare.data)
    this.#sigma.fill(sigmaOf(process, 0))
  }
}
