import { InputError, type NDArray, ndarray, sizeOf, zerosArray } from '../../../engine/index.ts'
import type { Denoiser } from '../denoiser.ts'
import type { NoiseLevel } from '../process.ts'
import type { SampleOptions } from '../sampling.ts'
import { compiledMove, type Form, type Served } from './evaluation.ts'
import type { NoiseSource } from './noise.ts'
import { drawsOf, type Move, type Step } from './plan.ts'

/**
 * Rows of every graph for examples of this many elements. A product of matrices may sum in another order when it has other rows, so that a sample computed
 * beside more or fewer others would differ in its last bits: rows are always computed in blocks of one size, the last one filled up. It is large enough for
 * the graph's own costs not to matter, and small enough for a block's activations to stay near the processor.
 */
export const blockRowsOf = (size: number): number => (size <= 64 ? 256 : size <= 256 ? 64 : 16)

/** What decides estimates beside the denoiser. */
export type Asked = Pick<SampleOptions, 'labels' | 'guidance' | 'clip'> & Partial<Pick<SampleOptions, 'sampler'>>

/** Samples that are computed together. */
export interface Block {
  /** Number of the first sample. */
  readonly first: number
  /** Rows that are samples; those after them fill the block up. */
  readonly count: number
  readonly label?: NDArray
  /** float32 [rows, ...shape], relative to the centre. */
  x: NDArray
  /** The state with which the step began. */
  start: NDArray
  spare: NDArray
  /** Values of each row's x̂₀ that the last move clipped. */
  clipped: NDArray
}

/** Takes blocks of samples through the steps of a plan. */
export class Walk {
  readonly denoiser: Denoiser
  /** Elements of one example. */
  readonly size: number
  /** Of a block. */
  readonly rows: number
  readonly #form: Form
  readonly #asked: Asked
  readonly #noise: NoiseSource
  readonly #bounds: readonly NDArray[]
  readonly #guidance: readonly NDArray[]
  readonly #levels: readonly NDArray[]
  readonly #growth: readonly NDArray[]
  readonly #factors = Array.from({ length: 3 }, () => zerosArray([]))
  readonly #z: NDArray
  readonly #zero: NDArray

  constructor(denoiser: Denoiser, asked: Asked, noise: NoiseSource) {
    const { shape, classes } = denoiser
    checkAsked(denoiser, asked)
    const learned = asked.sampler?.kind === 'ddpm' && asked.sampler.variance === 'learned'
    this.denoiser = denoiser
    this.size = sizeOf(shape)
    this.rows = blockRowsOf(this.size)
    this.#levels = Array.from({ length: 3 }, () => zerosArray([this.rows]))
    this.#asked = asked
    this.#noise = noise
    this.#bounds = (asked.clip ?? denoiser.range !== undefined) ? boundsOf(denoiser) : []
    this.#form = {
      shape,
      rows: this.rows,
      ...(this.#bounds.length > 0 && { bounds: this.#bounds[0].shape }),
      ...(classes !== undefined && { none: classes }),
      guided: Boolean(asked.guidance),
      ...(learned && { learned }),
    }
    this.#growth = learned ? [zerosArray([])] : []
    this.#guidance = asked.guidance ? [ndarray(Float32Array.of(asked.guidance), [], 'float32')] : []
    this.#z = this.#state()
    this.#zero = this.#state()
  }

  /** Evaluations of the network for one of the denoiser. */
  get evaluations(): number {
    return this.#form.guided ? 2 : 1
  }

  #state(): NDArray {
    return zerosArray([this.rows, ...this.denoiser.shape])
  }

  /** `count` samples from number `first` on, at zero. */
  block(first: number, count: number): Block {
    const { classes } = this.denoiser
    const { labels } = this.#asked
    const label = (row: number) => labels?.[first + row] ?? classes!
    return {
      first,
      count,
      ...(classes !== undefined && {
        label: ndarray(
          Int32Array.from({ length: this.rows }, (_, row) => label(row)),
          [this.rows],
          'int32',
        ),
      }),
      x: this.#state(),
      start: this.#state(),
      spare: this.#state(),
      clipped: zerosArray([this.rows]),
    }
  }

  /** Noise number `draw` of a block's samples: overwritten by the next. */
  noise(block: Block, draw: number): Float32Array {
    const z = this.#z.data as Float32Array
    this.#noise(draw, block, z)
    return z
  }

  /** Takes a block through a step, whose noise is that of draw number `draw` and those after it. */
  async step(block: Block, { churn, moves }: Step, draw: number): Promise<void> {
    if (churn) {
      const x = block.x.data
      const z = churn.noise > 0 ? this.noise(block, draw++) : this.#zero.data
      for (let i = 0; i < x.length; i++) x[i] = churn.scale * x[i] + churn.noise * z[i]
    }
    const started = block.x
    for (const each of moves) {
      const noisy = each.w === 'noise' && each.c !== 0
      if (noisy) this.noise(block, draw)
      if (each.w === 'noise') draw++
      await this.#move(block, each, noisy ? this.#z : each.w === 'start' ? started : this.#zero, started)
    }
  }

  async #move(block: Block, { time, a, b, c, growth = 0 }: Move, w: NDArray, started: NDArray): Promise<void> {
    const level = this.denoiser.process.at(time)
    for (const { data } of this.#growth) data[0] = growth
    this.#levels.forEach(({ data }, i) => {
      data.fill(partsOf(level)[i])
    })
    // What the step began with is not written over while it may be read again.
    const into = block.spare
    await this.#run(this.denoiser.at(time), block, w, [a, b, c], into)
    if (block.x === started) {
      block.spare = block.start
      block.start = started
    } else block.spare = block.x
    block.x = into
  }

  /** x̂₀ of each row, at a level of its own, into `into`. Rows for which `levelOf` gives none are not looked at. */
  async estimate(block: Block, levelOf: (row: number) => NoiseLevel | undefined, into: NDArray): Promise<void> {
    const { process } = this.denoiser
    const rowsOf = new Map<Served, number[]>()
    for (let row = 0; row < block.count; row++) {
      const level = levelOf(row)
      if (!level) continue
      const served = this.denoiser.at(process.timeOf(level.noise / level.signal))
      if (!rowsOf.has(served)) rowsOf.set(served, [])
      rowsOf.get(served)!.push(row)
      this.#levels.forEach(({ data }, i) => {
        data[row] = partsOf(level)[i]
      })
    }
    for (const [served, rows] of rowsOf) {
      const all = rowsOf.size === 1
      const out = all ? into : zerosArray(into.shape)
      await this.#run(served, block, this.#zero, [0, 1, 0], out)
      if (!all) for (const row of rows) into.data.set(out.data.subarray(row * this.size, (row + 1) * this.size), row * this.size)
    }
  }

  async #run(served: Served, block: Block, w: NDArray, factors: readonly number[], into: NDArray): Promise<void> {
    factors.forEach((value, i) => {
      this.#factors[i].data[0] = value
    })
    const given = [
      block.x,
      w,
      ...this.#levels,
      ...this.#factors,
      ...(block.label ? [block.label] : []),
      ...this.#guidance,
      ...this.#bounds,
      ...this.#growth,
    ]
    const graph = await compiledMove(served, this.#form)
    await graph.run(given, [into, block.clipped])
  }
}

const partsOf = ({ signal, noise, condition }: NoiseLevel): readonly number[] => [signal, noise, condition]

/** The range of clean data relative to the centre: least and most, scalars where there is none. */
function boundsOf({ range, centre }: Denoiser): NDArray[] {
  if (!range) throw new InputError('clip: the model says no range of its data', { fix: 'leave clip out' })
  return range.map((bound) =>
    centre
      ? ndarray(
          Float32Array.from(centre.data, (value) => bound - value),
          centre.shape,
          'float32',
        )
      : ndarray(Float32Array.of(bound), [], 'float32'),
  )
}

function checkAsked({ classes, variance }: Denoiser, { labels, guidance, sampler }: Asked): void {
  if (sampler?.kind === 'ddpm' && sampler.variance === 'learned' && !variance)
    throw new InputError("ddpm: the model's variance is not learned", { fix: "take variance 'small' or 'large'" })
  if (labels && classes === undefined) throw new InputError('labels were given, but the model has no classes')
  if (guidance && !labels) throw new InputError('guidance needs labels to guide to')
  if (!labels) return
  const wrong = Array.from(labels).findIndex((label) => !(Number.isInteger(label) && label >= 0 && label <= classes!))
  if (wrong >= 0)
    throw new InputError(`label ${labels[wrong]} of sample ${wrong} is none of the model's ${classes} classes`, {
      fix: `give 0 to ${classes! - 1}, or ${classes} for none`,
    })
}

/** Number of the first draw of step `k`. Draw 0 is the noise from which sampling starts. */
export const firstDraw = (k: number, draws: number): number => 1 + k * draws

/** Samples `from` to `to` in blocks. Whole numbers of blocks begin at multiples of their size, so that a sample's row is always the same. */
export const blocksOf = (walk: Walk, from: number, to: number): Block[] =>
  Array.from({ length: Math.ceil((to - from) / walk.rows) }, (_, i) => {
    const first = from + i * walk.rows
    return walk.block(first, Math.min(walk.rows, to - first))
  })

/** Takes blocks of samples from a time of a grid to its end. */
export interface Journey {
  /** Indices into the grid that it stops at, after its beginning. */
  readonly stops: readonly number[]
  /** Takes the blocks along side by side; at each stop their states are there. How often the denoiser was asked for each sample. */
  go(blocks: readonly Block[], arrived: (index: number) => Promise<void>): Promise<number>
}

/** A journey by a plan with a step for each interval of the grid, from index `begin` on. */
export function plannedJourney(walk: Walk, plan: readonly Step[], begin: number): Journey {
  const draws = drawsOf(plan)
  const stops = Array.from({ length: plan.length - begin }, (_, i) => begin + i + 1)
  return {
    stops,
    async go(blocks, arrived) {
      for (const stop of stops) {
        for (const block of blocks) await walk.step(block, plan[stop - 1], firstDraw(stop - 1, draws))
        await arrived(stop)
      }
      return plan.slice(begin).reduce((sum, { moves }) => sum + moves.length, 0)
    },
  }
}
