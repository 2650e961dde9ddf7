import { InputError, NotFiniteError } from '../../engine/errors.ts'
import type { Ranks } from '../../train/parallel/index.ts'
import type { Experiment, Findings, UnitContext } from '../definition.ts'
import { armsOf } from '../experiment.ts'
import { armConfig } from '../plan.ts'
import { planRun } from '../run/plan-run.ts'
import type { RunRequest } from '../run/request.ts'
import type { RunRecord } from '../run/run-folder.ts'
import { savingClock } from '../run/saving-clock.ts'
import { checkTerms, termsOf } from './agreement.ts'
import { asMessage, type Order, type Reply, tensorsAsBytes, tensorsOf } from './messages.ts'
import { parallelOf } from './parallel-of.ts'

/** What following needs of the ranks. */
export type Followed = Pick<Ranks, 'communicator' | 'send' | 'receive'>

export interface Following {
  readonly ranks: Followed
  /** Whether a run is gone on with, whose config is stored at rank 0. */
  readonly resumed: boolean
  readonly signal: AbortSignal
}

/** Milliseconds between messages of progress. */
const progressEvery = 100

/** Every rank's part of a run but rank 0's: it trains what rank 0 says, and writes nothing. */
export async function followExperiment(definition: Experiment, request: RunRequest, { ranks, resumed, signal }: Following): Promise<void> {
  const own = termsOf(await planRun(definition, request), resumed)
  let record: RunRecord | undefined
  let value: unknown
  const reply = (message: Reply, body?: Uint8Array) => ranks.send(0, asMessage(message), body)
  for (;;) {
    const { message, body } = await ranks.receive()
    const order = message as unknown as Order
    if (order.kind === 'end') return
    if (order.kind === 'run') {
      record = order.record
      checkTerms(order.terms, own)
      reply({ kind: 'agreed' })
    }
    if (order.kind === 'data') {
      const loaded = await definition.data({
        config: record!.config,
        seeds: record!.seeds,
        data: request.data ?? record!.dataFrom,
        signal,
        log: () => {},
      })
      if (loaded.provenance.sha256 !== order.sha256)
        throw new InputError('the data are not those of rank 0', {
          where: loaded.provenance.source,
          fix: 'give every node the same files, for example in a folder that all of them see',
        })
      value = loaded.value
      reply({ kind: 'agreed' })
    }
    if (order.kind === 'train') {
      const context = contextOf(definition, record!, order, body, { ranks, signal, value, reply })
      reply(await outcomeOf(definition, context, order.together))
    }
  }
}

async function outcomeOf(definition: Experiment, context: Context, together: boolean): Promise<Reply> {
  try {
    const findings: Findings = await definition.unit(context)
    return together ? { kind: 'trained' } : { kind: 'trained', findings }
  } catch (error) {
    if (!(error instanceof NotFiniteError)) throw error
    return together ? { kind: 'trained' } : { kind: 'diverged', message: error.message }
  }
}

type Context = UnitContext<unknown, unknown>

interface Place {
  readonly ranks: Followed
  readonly signal: AbortSignal
  readonly value: unknown
  reply(message: Reply, body?: Uint8Array): void
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** What a unit sees here: what it stores goes to rank 0, or nowhere where all ranks train it together. */
function contextOf(
  definition: Experiment,
  record: RunRecord,
  { unit, together, snapshot }: Extract<Order, { kind: 'train' }>,
  body: Uint8Array,
  { ranks, signal, value, reply }: Place,
): Context {
  const planned = record.units.find((candidate) => candidate.unit === unit)!
  const arm = armsOf(definition, record.config).find(({ id }) => id === planned.arm)!
  const config = armConfig(definition, record.config, arm)
  const tell: Place['reply'] = together ? () => {} : reply
  const clock = savingClock()
  let told = 0
  return {
    arm,
    config,
    seed: planned.seed,
    data: value,
    device: record.device,
    signal,
    parallel: parallelOf(definition, record, config, ranks.communicator),
    checkpoint: {
      due: () => !together && clock.due(),
      latest: async () => snapshot && { ...snapshot, tensors: tensorsOf(body) },
      async save(step, tensors, meta = null) {
        tell({ kind: 'checkpoint', step, meta }, together ? undefined : tensorsAsBytes(tensors))
        clock.saved()
        await turn()
      },
      forget: async () => tell({ kind: 'forget' }),
    },
    log(step, values) {
      signal.throwIfAborted()
      tell({ kind: 'log', step, values })
    },
    async progress(done, of, note) {
      if (performance.now() - told < progressEvery) return
      told = performance.now()
      tell({ kind: 'progress', done, of, note })
      await turn()
      signal.throwIfAborted()
    },
    async artifact(name, content) {
      tell({ kind: 'artifact', name }, typeof content === 'string' ? new TextEncoder().encode(content) : content)
      return `artifacts/${unit}/${name}`
    },
  }
}
