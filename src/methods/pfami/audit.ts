import { type NDArray, ndarray } from '../../engine/index.ts'
import { areaUnderCurve, average, chanceError, type Measured } from '../../kits/metrics/index.ts'
import { lossTables, type Scene, type Subject, type Tables } from './attacks/attack.ts'
import type { AttackNetworkOptions } from './attacks/attack-network.ts'
import { blindTest } from './attacks/blind.ts'
import { halvesCheck } from './broken-ways.ts'
import { calibrated, type Fluctuation, fluctuation } from './fluctuation.ts'
import { detectableArea } from './measures.ts'
import type { Neighbours } from './neighbours/index.ts'
import { lossesBySide, usualScores } from './point.ts'
import { type AttackName, type AttackRow, attackTable, labelsFor, missing } from './table.ts'

export interface AuditOptions {
  readonly target: Subject
  readonly reference?: Subject
  /** A model whose members are known, on which strengths and orientations are chosen and networks are trained. */
  readonly shadow?: { readonly subject: Subject; readonly members: NDArray; readonly nonMembers: NDArray }
  /** [n, ...shape] each, of the model's shape and scale. */
  readonly members: NDArray
  readonly nonMembers: NDArray
  readonly attacks: readonly AttackName[]
  readonly neighbours: Neighbours
  /** Neighbours of the shadow's records, where they are not those of any record (token swaps draw from a pool). */
  readonly shadowNeighbours?: Neighbours
  /** Draws of noise for each level. Default: 4. */
  readonly draws?: number
  readonly commonNoise?: boolean
  readonly antithetic?: boolean
  readonly seed?: number
  readonly samples?: number
  readonly network?: AttackNetworkOptions
  progress?(done: number, total: number, note: string): Promise<void>
}

export interface Audit {
  readonly members: number
  readonly nonMembers: number
  readonly rows: readonly AttackRow[]
  /** Attacks that cannot be made, and why. */
  readonly refused: readonly { readonly attack: AttackName; readonly why: string }[]
  /** What the bare records tell, without a model. */
  readonly blind: { readonly logistic: Measured; readonly nearest: Measured }
  /** The reference scored as if it were the target: it has seen neither side, unless it has. */
  readonly nullTest?: { readonly loss: number; readonly pfami: number; readonly standardError: number; readonly passed: boolean }
  /** Random halves of the non-members: a check of the code, not of the data. */
  readonly halves?: { readonly largest: number; readonly ofMean: number }
  /** Mean losses of both sides, where the model gives losses. */
  readonly losses?: { readonly members: number; readonly others: number }
  /** The least area that would be seen with 80 % power. */
  readonly detectable: number
  /** Places of records with a loss that is not finite, members first. */
  readonly notFinite: readonly number[]
  readonly fluctuation?: Fluctuation
  readonly labels: Int32Array
}

/**
 * Whether a model gives away who was in its training data: every attack that can be made on it, with intervals, and the tests without which their numbers
 * mean nothing.
 *
 * @example
 * import { denoiserOf, initModel } from 'quire/diffusion'
 *
 * const process = { kind: 'discrete', steps: 1000, schedule: 'linear' } as const
 * const denoiser = denoiserOf(initModel({ network: { kind: 'mlp', width: 8, hidden: [8] }, process, predict: 'eps', shape: [16] }, key(0)))
 * const records = async (seed: number) => random.uniform(key(seed), [12, 16], { low: -1, high: 1 }).ndarray()
 * const found = await audit({
 *   target: diffusionSubject('mine', denoiser),
 *   members: await records(1),
 *   nonMembers: await records(2),
 *   attacks: ['loss', 'pfami-uncalibrated'],
 *   neighbours: crop({ count: 2 }),
 *   draws: 1,
 * })
 * found.rows.length // 2
 */
export async function audit(options: AuditOptions): Promise<Audit> {
  const { members, nonMembers, target, reference, shadow, attacks, neighbours, seed = 0, progress } = options
  const labels = labelsFor(members.shape[0], nonMembers.shape[0])
  const scene: Scene = {
    target,
    ...(reference && { reference }),
    records: together(members, nonMembers),
    neighbours,
    draws: options.draws ?? 4,
    common: options.commonNoise ?? true,
    antithetic: options.antithetic ?? true,
    seed,
    samples: options.samples ?? 1000,
    ...(progress && { progress }),
  }
  const tables = target.oracle && (await lossTables(scene))
  const notFinite = tables ? [...new Set([...tables.target.notFinite, ...(tables.reference?.notFinite ?? [])])].sort((a, b) => a - b) : []
  const usable = tables && notFinite.length > 0 ? withoutNaN(tables) : tables
  const shadowScene = shadow && {
    scene: {
      ...scene,
      target: shadow.subject,
      records: together(shadow.members, shadow.nonMembers),
      neighbours: options.shadowNeighbours ?? neighbours,
    },
    labels: labelsFor(shadow.members.shape[0], shadow.nonMembers.shape[0]),
  }
  const rows = await attackTable(scene, {
    attacks,
    labels,
    ...(shadowScene && { shadow: shadowScene }),
    network: { ...options.network, seed },
    ...(usable && { tables: { target: usable } }),
  })
  const refused = attacks.flatMap((attack) => {
    const why = missing(attack, scene, shadow !== undefined)
    return why ? [{ attack, why }] : []
  })
  const blind = await blindTest(bareFeatures(scene.records), labels, seed)
  return {
    members: members.shape[0],
    nonMembers: nonMembers.shape[0],
    rows,
    refused,
    blind,
    ...(usable?.reference && { nullTest: nullTest(usable, scene, labels) }),
    ...(rows.length > 0 && { halves: halvesCheck(rows[0].scores, labels, seed) }),
    ...(usable && {
      losses: lossesBySide(usable, labels),
      fluctuation: calibrated(fluctuation(usable.target), usable.reference && fluctuation(usable.reference)),
    }),
    detectable: detectableArea(members.shape[0], nonMembers.shape[0]),
    notFinite,
    labels,
  }
}

export function together(a: NDArray, b: NDArray): NDArray {
  const Data = a.data.constructor as new (length: number) => Float32Array
  const data = new Data(a.data.length + b.data.length)
  data.set(a.data as Float32Array)
  data.set(b.data as Float32Array, a.data.length)
  return ndarray(data, [a.shape[0] + b.shape[0], ...a.shape.slice(1)], a.dtype)
}

/** A loss that is no number is taken as the mean of the others, so that its record stands in the middle; it is counted elsewhere. */
function withoutNaN({ target, reference, matched }: Tables): Tables {
  const mended = (table: Tables['target']): Tables['target'] => {
    const finite = table.data.filter(Number.isFinite)
    const mean = average(finite)
    return { ...table, data: table.data.map((loss) => (Number.isFinite(loss) ? loss : mean)) }
  }
  const all = (pair: { target: Tables['target']; reference?: Tables['target'] }) => ({
    target: mended(pair.target),
    ...(pair.reference && { reference: mended(pair.reference) }),
  })
  return { ...all({ target, reference }), matched: all(matched) }
}

function nullTest(tables: Tables, scene: Scene, labels: ArrayLike<number>): NonNullable<Audit['nullTest']> {
  const alone: Tables = { target: tables.reference!, matched: tables.matched }
  const members = Array.from(labels).filter((label) => label === 1).length
  const standardError = chanceError(members, labels.length - members)
  const area = (attack: string) => areaUnderCurve(usualScores(alone, scene, attack), labels)
  const [loss, pfami] = [area('loss'), area('pfami-uncalibrated')]
  return { loss, pfami, standardError, passed: Math.max(Math.abs(loss - 0.5), Math.abs(pfami - 0.5)) <= 3 * standardError }
}

/** So many buckets count tokens. */
const buckets = 256

/** Images as they are; texts as how often tokens of each bucket stand in them. */
function bareFeatures(records: NDArray): NDArray {
  if (records.dtype !== 'int32') return records
  const [n, length] = records.shape
  const counts = new Float32Array(n * buckets)
  for (let i = 0; i < n; i++)
    for (let k = 0; k < length; k++) {
      const token = records.data[i * length + k]
      if (token >= 0) counts[i * buckets + (token % buckets)]++
    }
  return ndarray(counts, [n, buckets], 'float32')
}
