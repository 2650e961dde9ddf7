import type { LayeredParams } from '../../nn/index.ts'
import { requireK } from './ranking.ts'

/*
 * How far an input may move before the top k can change. Where ‖H_i‖ ≤ B_i in a ball, H_i the i-th row of the Hessian of the margin, saliency I_i moves by at
 * most B_i a unit of length. So the set stands within min over i in it, j outside, of (I_i − I_j)/(B_i + B_j): also where an entry of the gradient
 * changes its sign, and for every point of the ball that keeps the predicted class.
 */

/** `global`: B_i holds everywhere. `interval`: B_i holds in the certified ball, from what the activations can be there; tighter, and slower. */
export type Lipschitz = 'global' | 'interval'

export interface Certificate {
  readonly radius: number
  /** I of the k-th feature less that of the next. */
  readonly gap: number
  readonly predicted: number
}

interface Layer {
  readonly weight: readonly Float64Array[]
  readonly bias: Float64Array
}

/** Bounds of σ′ (from, to) and of |σ″| for each unit of a hidden layer. */
interface Slopes {
  readonly low: Float64Array
  readonly high: Float64Array
  readonly curve: Float64Array
}

export interface Certifier {
  /** B_i of each feature for the margin of a class, everywhere. */
  bounds(predicted: number): Float64Array
  /** For one input [features]. */
  certify(x: ArrayLike<number>, options: { k: number; lipschitz?: Lipschitz }): Certificate
  /** The gradient of the predicted class's margin, by an expression of its own in float64. */
  gradient(x: ArrayLike<number>): Float64Array
}

/**
 * Certifies perceptrons of `smoothNetwork`: activations softplus(βz)/β, so that 0 < σ′ < 1 and 0 < σ″ ≤ β/4.
 *
 * @example
 * const network = smoothNetwork({ features: 4, classes: 2, hidden: [8], beta: 10 })
 * const { certify } = await certifierOf(await evaluate(network.init(key(0))), { beta: 10 })
 * const { radius } = certify(Float64Array.of(1, -1, 0.5, 0), { k: 2, lipschitz: 'interval' })
 */
export async function certifierOf({ layers }: LayeredParams, { beta }: { beta: number }): Promise<Certifier> {
  const all = await Promise.all(layers.map(layerOf))
  const [hidden, last] = [all.slice(0, -1), all[all.length - 1]]
  const everywhere = hidden.map(({ bias: { length } }) => ({
    low: new Float64Array(length),
    high: new Float64Array(length).fill(1),
    curve: new Float64Array(length).fill(beta / 4),
  }))
  const known = new Map<number, Float64Array>()
  const bounds = (predicted: number): Float64Array => {
    const found = known.get(predicted) ?? rowBounds(hidden, everywhere, readOut(last, predicted))
    known.set(predicted, found)
    return found
  }
  const gradient = (x: ArrayLike<number>) => {
    const { slopes, logits } = forward(hidden, last, x, beta)
    return backward(hidden, slopes, readOut(last, classOf(logits)))
  }
  return {
    bounds,
    gradient,
    certify(x, { k, lipschitz = 'global' }) {
      requireK(k, x.length)
      const { centers, slopes, logits } = forward(hidden, last, x, beta)
      const predicted = classOf(logits)
      const out = readOut(last, predicted)
      const map = backward(hidden, slopes, out).map(Math.abs)
      const order = descending(map)
      const radius = radiusOf(map, order, k, bounds(predicted))
      const gap = map[order[k - 1]] - map[order[k]]
      if (lipschitz === 'global' || gap <= 0) return { radius, gap, predicted }
      const near = (r: number) => rowBounds(hidden, slopesNear(hidden, centers, r, beta), out)
      return { radius: largest(radius, (r) => radiusOf(map, order, k, near(r)) >= r), gap, predicted }
    },
  }
}

async function layerOf({ weight, bias }: LayeredParams['layers'][number]): Promise<Layer> {
  const [rows, columns] = weight.shape
  const data = Float64Array.from(await weight.data())
  return {
    weight: Array.from({ length: rows }, (_, row) => data.subarray(row * columns, (row + 1) * columns)),
    bias: Float64Array.from(await bias.data()),
  }
}

/** Places by value, the largest first; of equal ones those that come first. */
export const descending = (map: ArrayLike<number>): number[] =>
  Array.from({ length: map.length }, (_, i) => i).sort((a, b) => map[b] - map[a] || a - b)

const logistic = (z: number): number => 1 / (1 + Math.exp(-z))
/** softplus without overflow. */
const softplusOf = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)))

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let total = 0
  for (let i = 0; i < a.length; i++) total += a[i] * b[i]
  return total
}

function forward(hidden: readonly Layer[], last: Layer, x: ArrayLike<number>, beta: number) {
  let value: ArrayLike<number> = x
  const centers: Float64Array[] = []
  const slopes: Float64Array[] = []
  for (const { weight, bias } of hidden) {
    const z = bias.map((b, row) => dot(weight[row], value) + b)
    centers.push(z)
    slopes.push(z.map((z) => logistic(beta * z)))
    value = z.map((z) => softplusOf(beta * z) / beta)
  }
  const from = value
  return { centers, slopes, logits: last.bias.map((b, row) => dot(last.weight[row], from) + b) }
}

const classOf = (logits: Float64Array): number => (logits.length === 1 ? Number(logits[0] > 0) : logits.indexOf(Math.max(...logits)))

/** The margin of a class as weights on the last hidden layer: its row less the mean of the others. */
function readOut({ weight }: Layer, predicted: number): Float64Array {
  if (weight.length === 1) return weight[0].map((w) => (predicted === 1 ? w : -w))
  return weight[predicted].map(
    (own, i) => own - weight.reduce((sum, row, other) => sum + (other === predicted ? 0 : row[i]), 0) / (weight.length - 1),
  )
}

/** Wᵀ₁ σ′₁ Wᵀ₂ σ′₂ … w. */
function backward(hidden: readonly Layer[], slopes: readonly Float64Array[], out: Float64Array): Float64Array {
  let g = out
  for (let l = hidden.length - 1; l >= 0; l--) {
    const scaled = g.map((value, row) => value * slopes[l][row])
    g = new Float64Array(hidden[l].weight[0].length)
    for (const [row, weights] of hidden[l].weight.entries()) for (let i = 0; i < g.length; i++) g[i] += scaled[row] * weights[i]
  }
  return g
}

/** What one layer's units can be: entries of their Jacobian (from, to), and bounds of the rows of their Hessians. */
interface Reach {
  readonly low: Float64Array[]
  readonly high: Float64Array[]
  readonly rows: Float64Array[]
}

/**
 * From a layer's inputs to its weighted sums z: the Jacobian in interval arithmetic, and Σ |W| times the bounds of the Hessians' rows. The
 * inputs of the first layer are the features themselves.
 */
function sums({ weight }: Layer, below: Reach | undefined): Reach {
  if (!below) return { low: [...weight], high: [...weight], rows: weight.map(({ length }) => new Float64Array(length)) }
  const width = below.low[0].length
  const fresh = () => weight.map(() => new Float64Array(width))
  const [low, high, rows] = [fresh(), fresh(), fresh()]
  for (const [m, weights] of weight.entries()) {
    for (const [j, w] of weights.entries()) {
      const [from, to] = w >= 0 ? [below.low[j], below.high[j]] : [below.high[j], below.low[j]]
      for (let i = 0; i < width; i++) {
        low[m][i] += w * from[i]
        high[m][i] += w * to[i]
        rows[m][i] += Math.abs(w) * below.rows[j][i]
      }
    }
  }
  return { low, high, rows }
}

const entryBounds = (low: Float64Array, high: Float64Array): Float64Array =>
  low.map((from, i) => Math.max(Math.abs(from), Math.abs(high[i])))

/** Through the activation: ∂²σ(z)/∂x_i∂x = σ″ ∂z/∂x_i ∂z/∂x + σ′ ∂²z/∂x_i∂x. */
function activated({ low, high, rows }: Reach, slopes: Slopes): Reach {
  return {
    low: low.map((row, m) => row.map((from) => Math.min(from * slopes.low[m], from * slopes.high[m]))),
    high: high.map((row, m) => row.map((to) => Math.max(to * slopes.low[m], to * slopes.high[m]))),
    rows: rows.map((row, m) => {
      const entries = entryBounds(low[m], high[m])
      const length = Math.hypot(...entries)
      return row.map((bound, i) => slopes.curve[m] * entries[i] * length + slopes.high[m] * bound)
    }),
  }
}

/** B_i ≥ ‖H_i‖ of the margin that is read out of the last hidden layer. */
function rowBounds(hidden: readonly Layer[], slopes: readonly Slopes[], out: Float64Array): Float64Array {
  let reach: Reach | undefined
  for (const [l, layer] of hidden.entries()) reach = activated(sums(layer, reach), slopes[l])
  // Without a hidden layer the map is constant, and the weights are its own.
  const bounds = new Float64Array(hidden.length === 0 ? out.length : hidden[0].weight[0].length)
  if (!reach) return bounds
  for (const [m, w] of out.entries()) for (let i = 0; i < bounds.length; i++) bounds[i] += Math.abs(w) * reach.rows[m][i]
  return bounds
}

/** What σ′ and σ″ can be in a ball: z moves by at most r times the bound of its gradient there, layer by layer. */
function slopesNear(hidden: readonly Layer[], centers: readonly Float64Array[], r: number, beta: number): Slopes[] {
  const all: Slopes[] = []
  let reach: Reach | undefined
  for (const [l, layer] of hidden.entries()) {
    const summed = sums(layer, reach)
    const move = summed.low.map((low, m) => r * Math.hypot(...entryBounds(low, summed.high[m])))
    const from = centers[l].map((z, m) => beta * (z - move[m]))
    const to = centers[l].map((z, m) => beta * (z + move[m]))
    const slopes = {
      low: from.map(logistic),
      high: to.map(logistic),
      // σ″ = β s (1 − s) is largest where z is closest to 0.
      curve: from.map((low, m) => {
        const s = logistic(low > 0 ? low : to[m] < 0 ? to[m] : 0)
        return beta * s * (1 - s)
      }),
    }
    all.push(slopes)
    reach = activated(summed, slopes)
  }
  return all
}

const radiusOf = (map: Float64Array, order: readonly number[], k: number, bounds: Float64Array): number =>
  leastQuotient(map, order, k, (i, j) => bounds[i] + bounds[j])

/** min of (I_i − I_j)/rate(i, j) over i among the first k of the order, j after them. */
export function leastQuotient(map: Float64Array, order: readonly number[], k: number, rate: (i: number, j: number) => number): number {
  let least = Number.POSITIVE_INFINITY
  for (const i of order.slice(0, k)) for (const j of order.slice(k)) least = Math.min(least, (map[i] - map[j]) / rate(i, j))
  return least
}

const doublings = 12
const halvings = 8

/** The largest radius known to stand, from one that does: by doubling until one does not, then by halving what lies between. */
function largest(known: number, stands: (radius: number) => boolean): number {
  let [low, high] = [known, Number.POSITIVE_INFINITY]
  for (let i = 0; i < doublings && high === Number.POSITIVE_INFINITY; i++) {
    if (stands(2 * low)) low *= 2
    else high = 2 * low
  }
  for (let i = 0; i < halvings && Number.isFinite(high); i++) {
    const middle = (low + high) / 2
    if (stands(middle)) low = middle
    else high = middle
  }
  return low
}
