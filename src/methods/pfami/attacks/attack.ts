import type { NDArray } from '../../../engine/index.ts'
import type { Denoiser } from '../../../kits/diffusion/index.ts'
import type { VaeModel } from '../../../kits/vae/index.ts'
import { type LossTable, lossTable } from '../losses.ts'
import type { Neighbours } from '../neighbours/index.ts'
import type { LikelihoodOracle } from '../oracles/oracle.ts'

/** A model as an attacker has it: whatever of these it can be asked. */
export interface Subject {
  /** For the report. */
  readonly name: string
  readonly oracle?: LikelihoodOracle
  /** Of diffusion models: attacks on its estimates. */
  readonly denoiser?: Denoiser
  /** Of VAEs: attacks by reconstruction. */
  readonly vae?: VaeModel
  /** Samples [count, ...shape]. */
  sample?(count: number, seed: number): Promise<NDArray>
}

/** What an attack works on. */
export interface Scene {
  readonly target: Subject
  /** A model of the same kind, trained on as many other records of the same distribution. */
  readonly reference?: Subject
  /** [n, ...shape] */
  readonly records: NDArray
  readonly neighbours: Neighbours
  readonly draws: number
  readonly common: boolean
  readonly antithetic: boolean
  readonly seed: number
  /** Samples of each model that attacks on samples draw. */
  readonly samples: number
  progress?(done: number, total: number, note: string): Promise<void>
}

/** Scores of all records, higher = member. An attack with settings to choose gives all of them. */
export interface Outcome {
  readonly variants: Readonly<Record<string, Float64Array>>
  /** The setting of the paper, taken where there is no shadow model to choose on. */
  readonly usual: string
  /** Standard errors of the scores, by variant, where draws give one. */
  readonly errors?: Readonly<Record<string, Float64Array>>
  /** Evaluations of a model for each record, the reference's included. */
  readonly queries: number
}

/** The losses that several attacks share: of records and neighbours, and of the records alone under as many queries. */
export interface Tables {
  readonly target: LossTable
  readonly reference?: LossTable
  readonly matched: { readonly target: LossTable; readonly reference?: LossTable }
}

/** Neighbours' columns and the record's own, so many draws of a loss without neighbours cost the same. */
export async function lossTables(scene: Scene): Promise<Tables> {
  const { target, reference, records, neighbours, draws, common, antithetic, seed, progress } = scene
  const options = (model: number, note: string) => ({
    ...{ draws: target.oracle!.noise === 0 ? 1 : draws, common, antithetic, seed, model },
    progress: async (done: number, total: number) => progress?.(done, total, note),
  })
  const own = await lossTable(target.oracle!, records, neighbours, options(0, 'losses of the target'))
  const other = reference?.oracle && (await lossTable(reference.oracle, records, neighbours, options(1, 'losses of the reference')))
  const isRandom = target.oracle!.noise > 0
  const many = (oracle: LikelihoodOracle, model: number) =>
    lossTable(oracle, records, undefined, {
      ...options(model, 'losses without neighbours'),
      // Other draws than those of the table, by another seed.
      ...(isRandom && { draws: (1 + neighbours.strengths.length) * draws, seed: seed + 1 }),
    })
  return {
    target: own,
    ...(other && { reference: other }),
    matched: { target: await many(target.oracle!, 0), ...(reference?.oracle && { reference: await many(reference.oracle, 1) }) },
  }
}
