import { draws, seedKey } from '../../data/draws.ts'
import { InputError, type NDArray, ndarray } from '../../engine/index.ts'
import { foldKey } from '../../engine/threefry.ts'

/** What the seed's key is used for here. */
const use = 0x6d697874

/** A text as token ids; of the byte tokenizer its UTF-8 bytes are the ids. */
export type TokenStream = Uint8Array | Uint16Array | Int32Array

/** So many steps with the same proportions of domains. */
export interface MixtureStage {
  readonly name: string
  readonly steps: number
  /** Of domains, in any unit: the probability of each is its weight over the sum. */
  readonly weights: Readonly<Record<string, number>>
}

export interface MixtureOptions {
  readonly corpora: Readonly<Record<string, TokenStream>>
  readonly stages: readonly MixtureStage[]
  /** Windows a step. */
  readonly batch: number
  /** Tokens a window, which predict as many. */
  readonly context: number
  readonly seed: number
}

/** Windows and, for each place, the token that follows. */
export interface MixtureBatch {
  /** int32 [batch, context] */
  readonly x: NDArray
  /** int32 [batch, context] */
  readonly y: NDArray
  /** Of each window. */
  readonly domains: readonly string[]
}

export interface MixtureSampler {
  /** Of all stages. */
  readonly steps: number
  /** The batch of a step, from 0. */
  at(step: number): MixtureBatch
  /** Which stage a step belongs to. */
  stageOf(step: number): number
}

/**
 * Batches from a mixture of corpora that changes by stages. Each window draws its domain, then its place, uniformly within the domain. A batch is a
 * function of (seed, step) alone: to resume at a step nothing else is needed, and arms with the same seed and weights see the same text.
 *
 * @throws InputError for weights that are negative, not finite or sum to 0, a domain without a corpus, or a corpus shorter than a window and its next token.
 * @example
 * const corpora = { news: new TextEncoder().encode('It rained. '.repeat(20)), code: new TextEncoder().encode('x = x + 1\n'.repeat(20)) }
 * const stages = [{ name: 'CAP', steps: 80, weights: { news: 0.9, code: 0.1 } }, { name: 'CAT', steps: 20, weights: { news: 0.5, code: 0.5 } }]
 * mixtureSampler({ corpora, stages, batch: 4, context: 16, seed: 0 }).at(7).x.shape // [4, 16]
 */
export function mixtureSampler({ corpora, stages, batch, context, seed }: MixtureOptions): MixtureSampler {
  const shares = stages.map((stage) => sharesOf(stage, corpora, context))
  let steps = 0
  const ends = stages.map((stage) => (steps += stage.steps))
  const key = seedKey(seed, use)
  const stageOf = (step: number) => {
    const found = ends.findIndex((end) => step < end)
    return found < 0 ? stages.length - 1 : found
  }
  return {
    steps,
    stageOf,
    at(step) {
      const random = draws(foldKey(key, step))
      const own = shares[stageOf(step)]
      const [x, y] = [new Int32Array(batch * context), new Int32Array(batch * context)]
      const domains = Array.from({ length: batch }, (_, row) => {
        const domain = drawn(own, random.uniform())
        const stream = corpora[domain]
        const begin = random.integer(stream.length - context)
        x.set(stream.subarray(begin, begin + context), row * context)
        y.set(stream.subarray(begin + 1, begin + 1 + context), row * context)
        return domain
      })
      return { x: ndarray(x, [batch, context], 'int32'), y: ndarray(y, [batch, context], 'int32'), domains }
    },
  }
}

/** Domains with their cumulative probabilities. */
type Shares = readonly (readonly [domain: string, upTo: number])[]

function sharesOf({ name, weights }: MixtureStage, corpora: MixtureOptions['corpora'], context: number): Shares {
  const entries = Object.entries(normalizedWeights(weights, `mixture of ${name}`)).filter(([, weight]) => weight > 0)
  let sum = 0
  return entries.map(([domain, weight]) => {
    const stream = corpora[domain]
    if (!stream)
      throw new InputError(`there is no corpus '${domain}'`, {
        where: `mixture of ${name}`,
        fix: `known are ${Object.keys(corpora).join(', ')}`,
      })
    if (stream.length <= context)
      throw new InputError(`the corpus '${domain}' has ${stream.length} tokens, a window and the token after it need ${context + 1}`, {
        where: `mixture of ${name}`,
        fix: 'give more text or a shorter context',
      })
    sum += weight
    return [domain, sum] as const
  })
}

const drawn = (shares: Shares, at: number): string => (shares.find(([, upTo]) => at < upTo) ?? shares[shares.length - 1])[0]

/**
 * Weights as shares that sum to 1.
 *
 * @throws InputError for weights that are negative, not finite or sum to 0.
 * @example
 * normalizedWeights({ news: 3, code: 1 }) // { news: 0.75, code: 0.25 }
 */
export function normalizedWeights(weights: Readonly<Record<string, number>>, where = 'weights'): Record<string, number> {
  const entries = Object.entries(weights)
  const wrong = entries.find(([, weight]) => !Number.isFinite(weight) || weight < 0)
  if (wrong) throw new InputError(`the weight of '${wrong[0]}' is ${wrong[1]}`, { where, fix: 'give numbers of at least 0' })
  const sum = entries.reduce((total, [, weight]) => total + weight, 0)
  if (!(sum > 0)) throw new InputError('the weights sum to 0', { where, fix: 'give at least one domain a positive weight' })
  return Object.fromEntries(entries.map(([domain, weight]) => [domain, weight / sum]))
}

/**
 * How often each corpus is read on the average: tokens drawn from it over its own. Above 4, what is repeated begins to cost (Muennighoff et al. 2023).
 *
 * @example
 * const corpora = { code: new Uint8Array(1000) }
 * expectedPasses({ corpora, stages: [{ name: 'CAP', steps: 5, weights: { code: 1 } }], batch: 4, context: 100 }) // { code: 2 }
 */
export function expectedPasses({ corpora, stages, batch, context }: Omit<MixtureOptions, 'seed'>): Record<string, number> {
  const tokens = new Map<string, number>()
  for (const { name, steps, weights } of stages)
    for (const [domain, share] of Object.entries(normalizedWeights(weights, `mixture of ${name}`)))
      tokens.set(domain, (tokens.get(domain) ?? 0) + share * steps * batch * context)
  return Object.fromEntries([...tokens].map(([domain, count]) => [domain, count / (corpora[domain]?.length ?? 0)]))
}
