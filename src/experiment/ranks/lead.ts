import type { Provenance } from '../../data/index.ts'
import { NotFiniteError } from '../../engine/errors.ts'
import type { Ranks } from '../../train/parallel/index.ts'
import type { Experiment, Findings, UnitContext } from '../definition.ts'
import { armsOf } from '../experiment.ts'
import { armConfig } from '../plan.ts'
import { openMetrics } from '../run/metrics.ts'
import { environmentOf } from '../run/plan-run.ts'
import { type PlannedUnit, pathsOf, type RunRecord } from '../run/run-folder.ts'
import { runUnit, type UnitJob } from '../run/unit.ts'
import type { PoolObserver } from '../run/worker-pool.ts'
import { termsOf } from './agreement.ts'
import { asMessage, type Order, type Reply, tensorsAsBytes, tensorsOf } from './messages.ts'
import { parallelOf } from './parallel-of.ts'

type Context = UnitContext<unknown, unknown>

/** What leading needs of the ranks. */
export type Led = Pick<Ranks, 'size' | 'signal' | 'communicator' | 'send' | 'sendAll' | 'receive'>

/** What rank 0 needs to train the units of a run. */
export interface Work {
  readonly definition: Experiment
  readonly folder: string
  readonly run: RunRecord
  readonly pending: readonly PlannedUnit[]
  readonly data: unknown
  readonly signal: AbortSignal
  readonly events: PoolObserver
}

/**
 * Rank 0's part of a run by several ranks. It alone reads and writes the run folder. Units that can be trained by shards are trained by all ranks
 * together, one after another; the others each by one rank, side by side.
 */
export class Lead {
  readonly #ranks: Led

  constructor(ranks: Led) {
    this.#ranks = ranks
  }

  /** Aborted when a rank goes, stalls or fails. */
  get signal(): AbortSignal {
    return this.#ranks.signal
  }

  get size(): number {
    return this.#ranks.size
  }

  /** How many units train at a time; by shards it is one. */
  atATime({ dataParallel }: Experiment, shards: number | 'fast' | undefined): number {
    return shards && dataParallel ? 1 : this.#ranks.size
  }

  /** Every rank must have been started for the same run. */
  async agree(definition: Experiment, record: RunRecord, resumed: boolean): Promise<void> {
    const here = await environmentOf(definition, record.device)
    this.#order({ kind: 'run', record, terms: termsOf({ ...record, ...here }, resumed) })
    await this.#all('agreed')
  }

  /** Every rank must have the same data. They read them after rank 0, which may have had to fetch them. */
  async loaded({ sha256 }: Provenance): Promise<void> {
    this.#order({ kind: 'data', sha256 })
    await this.#all('agreed')
  }

  async train(work: Work): Promise<void> {
    const { definition, run, pending, signal, events, folder } = work
    const arms = armsOf(definition, run.config)
    const metrics = openMetrics(pathsOf(folder).metrics)
    const armOf = (unit: PlannedUnit) => arms.find(({ id }) => id === unit.arm)!
    const isShared = (unit: PlannedUnit) => parallelOf(definition, run, armConfig(definition, run.config, armOf(unit))) !== undefined
    const failed = new AbortController()
    const stop = AbortSignal.any([signal, failed.signal])
    const trainOne = async (unit: PlannedUnit, how: Partial<UnitJob>) => {
      stop.throwIfAborted()
      events.started(unit.unit)
      const progress = (done: number, of: number, note?: string) => events.progress(unit.unit, done, of, note)
      await runUnit({ ...work, signal: stop, arm: armOf(unit), seed: unit.seed, metrics, progress, notice: events.notice, ...how })
      events.finished(unit.unit)
    }
    try {
      for (const unit of pending.filter(isShared)) await trainOne(unit, this.#together(definition, unit))
      const queue = pending.filter((unit) => !isShared(unit))
      const places = Array.from({ length: this.#ranks.size }, (_, rank) => rank)
      await untilAllStop(
        places.map(async (rank) => {
          for (let unit = queue.shift(); unit; unit = queue.shift())
            await trainOne(unit, rank === 0 ? {} : { definition: { ...definition, unit: this.#elsewhere(rank, unit) } })
        }),
        failed,
      )
    } finally {
      metrics.close()
    }
  }

  /** There is nothing more to do. */
  end(): void {
    this.#order({ kind: 'end' })
  }

  /** A unit's job by all ranks: the others train along, from the same snapshot, and say nothing. */
  #together(definition: Experiment, { unit }: PlannedUnit): Partial<UnitJob> {
    const train = async (context: Context): Promise<Findings> => {
      const newest = await context.checkpoint.latest()
      const { tensors, ...snapshot } = newest ?? {}
      this.#order(
        { kind: 'train', unit, together: true, snapshot: newest && (snapshot as typeof newest) },
        tensors && tensorsAsBytes(tensors),
      )
      const findings = await settled(definition.unit({ ...context, checkpoint: { ...context.checkpoint, latest: async () => newest } }))
      await this.#all('trained')
      return findings()
    }
    return { communicator: this.#ranks.communicator, definition: { ...definition, unit: train } }
  }

  /** A unit that another rank trains: what it says is stored here, as if the unit were. */
  #elsewhere(rank: number, { unit }: PlannedUnit): Experiment['unit'] {
    return async (context: Context) => {
      const newest = await context.checkpoint.latest()
      const { tensors, ...snapshot } = newest ?? {}
      const order: Order = { kind: 'train', unit, together: false, snapshot: newest && (snapshot as typeof newest) }
      this.#ranks.send(rank, asMessage(order), tensors && tensorsAsBytes(tensors))
      for (;;) {
        const { message, body } = await unlessAborted(this.#ranks.receive(rank), context.signal)
        const reply = message as unknown as Reply
        if (reply.kind === 'trained') return reply.findings!
        if (reply.kind === 'diverged') throw new NotFiniteError(reply.message)
        if (reply.kind === 'log') context.log(reply.step, reply.values)
        if (reply.kind === 'checkpoint') await context.checkpoint.save(reply.step, tensorsOf(body), reply.meta)
        if (reply.kind === 'forget') await context.checkpoint.forget()
        if (reply.kind === 'artifact') await context.artifact(reply.name, body)
        if (reply.kind === 'progress') await context.progress(reply.done, reply.of, reply.note)
      }
    }
  }

  #order(order: Order, body?: Uint8Array): void {
    this.#ranks.sendAll(asMessage(order), body)
  }

  async #all(kind: Reply['kind']): Promise<void> {
    for (let rank = 1; rank < this.#ranks.size; rank++) {
      const { message } = await this.#ranks.receive(rank)
      if (message.kind !== kind) throw new Error(`rank ${rank} said '${message.kind}' where '${kind}' was due`)
    }
  }
}

/** What a unit found, or that it diverged, which it does at every rank; any other error is thrown at once. */
async function settled(unit: Promise<Findings>): Promise<() => Findings> {
  try {
    const findings = await unit
    return () => findings
  } catch (error) {
    if (!(error instanceof NotFiniteError)) throw error
    return () => {
      throw error
    }
  }
}

/** Waits for all; where one fails the others are told to stop, and its error is thrown when they have. */
async function untilAllStop(works: readonly Promise<void>[], failed: AbortController): Promise<void> {
  const failures: unknown[] = []
  await Promise.all(
    works.map((work) =>
      work.catch((error) => {
        failures.push(error)
        failed.abort(error)
      }),
    ),
  )
  if (failures.length > 0) throw failures[0]
}

/** What is promised, unless the signal comes first. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
