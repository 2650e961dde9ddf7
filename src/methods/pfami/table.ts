import { lossTables, type Outcome, type Scene, type Tables } from './attacks/attack.ts'
import { type AttackNetworkOptions, matrix, trainAttackNetwork } from './attacks/attack-network.ts'
import { type Choice, choiceOn, scoresBy, usualChoice } from './attacks/choice.ts'
import { curvature } from './attacks/curvature.ts'
import { pia, secmi, sima } from './attacks/denoiser.ts'
import { latentSearch } from './attacks/latent.ts'
import { likelihoodOutcomes } from './attacks/likelihood.ts'
import { logan } from './attacks/logan.ts'
import { logisticRegression } from './attacks/logistic.ts'
import { ganLeaks, monteCarlo } from './attacks/samples.ts'
import { calibrated, type Fluctuation, fluctuation, withSortedRows } from './fluctuation.ts'
import { type AttackMeasures, attackMeasures } from './measures.ts'

/**
 * The attacks by name.
 *
 * @example
 * attackNames[0] // 'pfami-met'
 */
export const attackNames = [
  'pfami-met',
  'pfami-nn',
  'pfami-logistic',
  'pfami-mean',
  'pfami-uncalibrated',
  'loss',
  'loss-matched',
  'loss-calibrated',
  'loss-calibrated-matched',
  'curvature',
  'secmi',
  'pia',
  'sima',
  'mc',
  'gan-leaks',
  'latent',
  'logan',
] as const
export type AttackName = (typeof attackNames)[number]

/** Attacks on losses, which share one table of them. */
const onLosses: readonly AttackName[] = attackNames.slice(0, 9)

/** Of a model whose members are known: what is learnt or chosen is learnt and chosen here. */
export interface Shadow {
  readonly scene: Scene
  /** 1 for members. */
  readonly labels: ArrayLike<number>
}

export interface AttackRow extends AttackMeasures {
  readonly attack: AttackName
  readonly choice: Choice
  readonly queries: number
  /** Higher = member, one a record. */
  readonly scores: Float64Array
  readonly errors?: Float64Array
}

export interface TableOptions {
  readonly attacks: readonly AttackName[]
  readonly labels: ArrayLike<number>
  readonly shadow?: Shadow
  readonly network?: AttackNetworkOptions
  /** Tables of losses that stand already. */
  readonly tables?: { readonly target: Tables; readonly shadow?: Tables }
}

/** Why a model cannot be attacked in this way; absent where it can. */
export function missing(
  attack: AttackName,
  { target, reference }: Pick<Scene, 'target' | 'reference'>,
  hasShadow: boolean,
): string | undefined {
  if (onLosses.includes(attack)) {
    if (!target.oracle) return 'the model gives no losses'
    const alone: readonly AttackName[] = ['loss', 'loss-matched', 'pfami-uncalibrated']
    if (!alone.includes(attack) && !reference?.oracle) return 'there is no reference model'
    if ((attack === 'pfami-nn' || attack === 'pfami-logistic') && !hasShadow) return 'there is no shadow model to learn on'
    return undefined
  }
  if (attack === 'latent') return target.vae ? undefined : 'the model has no latent codes'
  if (attack === 'mc' || attack === 'gan-leaks' || attack === 'logan')
    return target.sample ? undefined : 'nothing can be sampled from the model'
  return target.denoiser ? undefined : 'the model is no diffusion model'
}

/** Every attack that can be made: settings and orientation by the shadow model where there is one, else the paper's. */
export async function attackTable(scene: Scene, options: TableOptions): Promise<AttackRow[]> {
  const { labels, shadow, attacks } = options
  const possible = attacks.filter((attack) => missing(attack, scene, shadow !== undefined) === undefined)
  const needsLosses = possible.some((attack) => onLosses.includes(attack))
  const tables = options.tables?.target ?? (needsLosses ? await lossTables(scene) : undefined)
  const shadowTables = options.tables?.shadow ?? (shadow && needsLosses ? await lossTables(shadow.scene) : undefined)
  const rowsAreDraws = scene.target.oracle?.kind === 'elbo' || scene.target.oracle?.kind === 'nll'
  const own = await outcomes(scene, tables, possible)
  const others = shadow ? await outcomes(shadow.scene, shadowTables, possible) : {}
  const learnt =
    shadow && tables?.reference && shadowTables?.reference
      ? await learntScores(tables, shadowTables, shadow.labels, possible, { ...options, rowsAreDraws })
      : {}
  return possible.map((attack) => {
    const outcome = own[attack]
    const choice =
      outcome && shadow ? choiceOn(others[attack], shadow.labels) : outcome ? usualChoice(outcome) : { variant: 'learnt', sign: 1 as const }
    const scores = outcome ? scoresBy(outcome, choice) : learnt[attack]!
    const errors = outcome?.errors?.[choice.variant]
    const queries = outcome?.queries ?? own['pfami-met'].queries
    return { attack, choice, queries, scores, ...(errors && { errors }), ...attackMeasures(scores, labels) }
  })
}

async function outcomes(scene: Scene, tables: Tables | undefined, attacks: readonly AttackName[]): Promise<Record<string, Outcome>> {
  const found: Record<string, Outcome> = tables ? likelihoodOutcomes(tables, scene) : {}
  const asked: Partial<Record<AttackName, (scene: Scene) => Promise<Outcome>>> = {
    curvature,
    secmi,
    pia,
    sima,
    mc: monteCarlo,
    'gan-leaks': ganLeaks,
    latent: latentSearch,
    logan,
  }
  for (const attack of attacks) if (asked[attack]) found[attack] = await asked[attack](scene)
  return found
}

/** Scores of what is trained on the shadow's fluctuation matrices: the network, and logistic regression as its cheap control. */
async function learntScores(
  target: Tables,
  shadow: Tables,
  labels: ArrayLike<number>,
  attacks: readonly AttackName[],
  { network, rowsAreDraws }: Pick<TableOptions, 'network'> & { rowsAreDraws: boolean },
): Promise<Partial<Record<AttackName, Float64Array>>> {
  const matrixOf = ({ target, reference }: Tables): Fluctuation => {
    const difference = calibrated(fluctuation(target), fluctuation(reference!))
    // Draws are in no order, noise levels are.
    return rowsAreDraws ? withSortedRows(difference) : difference
  }
  const [own, known] = [matrixOf(target), matrixOf(shadow)]
  return {
    ...(attacks.includes('pfami-nn') && { 'pfami-nn': await (await trainAttackNetwork(known, labels, network)).score(own) }),
    ...(attacks.includes('pfami-logistic') && { 'pfami-logistic': await (await logisticRegression(matrix(known), labels))(matrix(own)) }),
  }
}

/** Members first: one set of records with 1 for members. */
export const labelsFor = (members: number, others: number): Int32Array =>
  Int32Array.from({ length: members + others }, (_, n) => Number(n < members))

export const rowOf = (rows: readonly AttackRow[], attack: AttackName): AttackRow | undefined => rows.find((row) => row.attack === attack)
