import { evaluate, exp, fromArray, jit, type NDArray, ndarray, type Tensor } from '../../engine/index.ts'
import { average } from '../../kits/metrics/index.ts'
import { descending } from './certificate.ts'
import type { Network } from './network.ts'
import { requireK } from './ranking.ts'
import { logProbability, predicted, type SaliencyOptions, saliency } from './saliency.ts'

export interface FaithfulnessOptions {
  readonly k: number
  readonly saliency?: SaliencyOptions
  /** What a removed feature becomes. Default 0: the mean of a standardised feature, black of a pixel. */
  readonly blank?: number
}

/** Whether the explanation names what the model uses; means over rows. c is the class predicted for x, p_c its probability. */
export interface Faithfulness {
  /** Decision flip, fraction of tokens (DeYoung et al.): the least share of features, most salient first, whose removal changes the class; 1 where none does. Lower is better. */
  readonly dffot: number
  /** Comprehensiveness p_c(x) − p_c(x without its top k). Higher is better. */
  readonly comp: number
  /** Sufficiency p_c(x) − p_c(its top k alone). Lower is better. */
  readonly suff: number
}

/** So many counts of removed features are tried at most. */
const mostCounts = 50

/** The same row by row. */
export type FaithfulRows = Readonly<Record<keyof Faithfulness, readonly number[]>>

/**
 * Removes features by their saliency and looks at the prediction.
 *
 * @example
 * const network = smoothNetwork({ features: 4, classes: 2, hidden: [8] })
 * const params = await evaluate(network.init(key(0)))
 * const rows = await random.normal(key(1), [8, 4]).ndarray()
 * const { dffot, comp, suff } = await faithfulness(network, params, rows, { k: 2 })
 */
export async function faithfulness<P>(...given: Parameters<typeof faithfulRows<P>>): Promise<Faithfulness> {
  const { dffot, comp, suff } = await faithfulRows(...given)
  return { dffot: average(dffot), comp: average(comp), suff: average(suff) }
}

/** `faithfulness` of each row by itself. */
export async function faithfulRows<P>(
  network: Network<P>,
  params: P,
  examples: NDArray,
  options: FaithfulnessOptions,
): Promise<FaithfulRows> {
  const { k, blank = 0, saliency: about } = options
  const [count, width] = examples.shape
  const classify = (params: P) => (x: Tensor) => network.apply(params, x)
  const look = jit((params: P, x: Tensor) => ({
    map: saliency(classify(params), x, about),
    classes: predicted(classify(params)(x)),
  }))
  const judge = jit((params: P, x: Tensor, classes: Tensor) => {
    const logits = classify(params)(x)
    return { classes: predicted(logits), probability: exp(logProbability(logits, classes)) }
  })
  const { map, classes } = await evaluate(look(params, fromArray(examples)))
  const features = map.shape[1]
  requireK(k, features)
  const maps = await map.data()
  /** Of each row and feature, how many are more salient. */
  const ranks = Array.from({ length: count }, (_, row) => ranksOf(maps.subarray(row * features, (row + 1) * features)))
  const keeping = (keep: (rank: number) => boolean): Tensor =>
    fromArray(
      ndarray(
        Float32Array.from(examples.data, (value, i) => (keep(ranks[Math.floor(i / width)][(i % width) % features]) ? value : blank)),
        examples.shape,
        'float32',
      ),
    )
  const probabilities = async (x: Tensor) => (await evaluate(judge(params, x, classes))).probability.data()
  const own = await classes.data()
  const [whole, without, alone] = [
    await probabilities(fromArray(examples)),
    await probabilities(keeping((rank) => rank >= k)),
    await probabilities(keeping((rank) => rank < k)),
  ]
  const flips = new Array<number>(count).fill(1)
  for (const removed of countsUpTo(features).reverse()) {
    const found = await (
      await evaluate(
        judge(
          params,
          keeping((rank) => rank >= removed),
          classes,
        ),
      )
    ).classes.data()
    found.forEach((label, row) => {
      if (label !== own[row]) flips[row] = removed / features
    })
  }
  return {
    dffot: flips,
    comp: flips.map((_, row) => whole[row] - without[row]),
    suff: flips.map((_, row) => whole[row] - alone[row]),
  }
}

function ranksOf(map: ArrayLike<number>): number[] {
  const ranks = new Array<number>(map.length)
  for (const [rank, feature] of descending(map).entries()) ranks[feature] = rank
  return ranks
}

/** 1 … features, thinned out to so many. */
const countsUpTo = (features: number): number[] => {
  const steps = Math.min(features, mostCounts)
  return Array.from({ length: steps }, (_, i) => Math.round(((i + 1) * features) / steps))
}
