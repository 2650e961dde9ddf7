import { InputError, type NDArray, sizeOf } from '../../engine/index.ts'

/** What a feature network says of a set of images. Numbers from different networks have nothing to do with each other. */
export interface Features {
  /** float32 or float64 [n, width]. */
  readonly rows: NDArray
  /** SHA-256 of the network, its weights and what it does to its input; another name where there is none, as for bare vectors. */
  readonly network: string
}

/** A measurement on features: nothing to compare it with that has another network or count. */
export interface Score {
  readonly metric: string
  readonly value: number
  /** How many samples were scored, and how many real examples they were held against. */
  readonly n: number
  readonly real: number
  readonly network: string
}

/**
 * Vectors as they are, as features: pixels, latents, points of a plane. Axes after the first are flattened.
 *
 * @example
 * bareFeatures({ data: new Float32Array(8), shape: [2, 2, 2], dtype: 'float32' }).rows.shape // [2, 4]
 */
export const bareFeatures = (rows: NDArray, network = 'none'): Features => ({ rows: flat(rows), network })

/** [n, ...] as [n, width]. */
export const flat = ({ shape, dtype, data }: NDArray): NDArray => ({ shape: [shape[0], sizeOf(shape.slice(1))], dtype, data })

/** Width of two sets that can be held against each other. @throws InputError for features of two networks, or too few rows. */
export function requireAlike(a: Features, b: Features, least: number): number {
  if (a.network !== b.network)
    throw new InputError(`features of the networks ${short(a.network)} and ${short(b.network)} cannot be compared`, {
      fix: 'compute both with one network',
    })
  const [width, other] = [a.rows.shape[1], b.rows.shape[1]]
  if (width !== other) throw new InputError(`features of ${width} and of ${other} numbers cannot be compared`)
  for (const { rows } of [a, b])
    if (rows.shape[0] < least) throw new InputError(`${rows.shape[0]} examples are too few`, { fix: `give at least ${least}` })
  return width
}

/**
 * The difference of two scores, of the first over the second.
 *
 * @throws InputError unless both are of one metric, network and count: FID falls with n, so that unequal counts would decide the comparison.
 * @example
 * const score = { metric: 'fid', n: 1000, real: 1000, network: 'a' }
 * difference({ ...score, value: 3 }, { ...score, value: 2 }) // 1
 */
export function difference(a: Score, b: Score): number {
  requireComparable(a, b)
  return a.value - b.value
}

/** @throws InputError unless both scores are of one metric, network and count. */
export function requireComparable(a: Score, b: Score): void {
  if (a.metric !== b.metric) throw new InputError(`${a.metric} and ${b.metric} cannot be compared`)
  if (a.network !== b.network)
    throw new InputError(`${a.metric} was computed with the networks ${short(a.network)} and ${short(b.network)}`, {
      fix: 'compute both with one network',
    })
  if (a.n !== b.n || a.real !== b.real)
    throw new InputError(`${a.metric} was computed from ${a.n} and ${b.n} samples, against ${a.real} and ${b.real} real examples`, {
      fix: 'compare equal counts only',
    })
}

/**
 * The first figures of a hash, as it is printed beside numbers.
 *
 * @example
 * short('0fa7898d509279e482958e8ce81c8e77') // '0fa7898d5092'
 */
export const short = (hash: string): string => hash.slice(0, 12)
