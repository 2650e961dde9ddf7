import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { InputError } from '../../engine/errors.ts'
import { mean, mul, type NDArray, ndarray, square, sub, type Tensor, zeros } from '../../engine/index.ts'
import { sgd } from '../../optim/index.ts'
import { fromArrays, toArrays, trainStep } from '../../train/index.ts'
import type { Message } from '../../train/parallel/index.ts'
import { inProcess } from '../../train/testing/in-process.ts'
import type { Experiment } from '../definition.ts'
import { Interrupted, type RunRequest } from '../run/request.ts'
import { resumeExperiment, runExperiment } from '../run/run.ts'
import { comparable, scratch } from '../testing/comparable.ts'
import { walk } from '../testing/walk.ts'
import { followExperiment } from './follow.ts'
import { Lead } from './lead.ts'

interface Received {
  readonly message: Message
  readonly body: Uint8Array
}

/** Queues between rank 0 and the others, and a communicator, in one process. */
function crew(size: number) {
  const stop = new AbortController()
  const queues = new Map<string, { messages: Received[]; asked: ((received: Received) => void)[] }>()
  const queue = (from: number, to: number) => {
    const name = `${from}>${to}`
    if (!queues.has(name)) queues.set(name, { messages: [], asked: [] })
    return queues.get(name)!
  }
  return inProcess(size, stop.signal).map((communicator) => {
    const { rank } = communicator
    const send = (to: number, message: Message, body: Uint8Array = new Uint8Array()) => {
      const { messages, asked } = queue(rank, to)
      const received = { message: JSON.parse(JSON.stringify(message)) as Message, body: body.slice() }
      const reader = asked.shift()
      if (reader) reader(received)
      else messages.push(received)
    }
    return {
      rank,
      size,
      communicator,
      signal: stop.signal,
      send,
      sendAll: (message: Message, body?: Uint8Array) => {
        for (let to = 1; to < size; to++) send(to, message, body)
      },
      receive: (from = 0) =>
        new Promise<Received>((resolve, reject) => {
          const { messages, asked } = queue(from, rank)
          const ready = messages.shift()
          if (ready) return resolve(ready)
          const fail = () => reject(stop.signal.reason)
          if (stop.signal.aborted) return fail()
          stop.signal.addEventListener('abort', fail)
          asked.push((received) => {
            stop.signal.removeEventListener('abort', fail)
            resolve(received)
          })
        }),
      fail: (error: unknown) => stop.abort(error),
    }
  })
}

interface Options {
  readonly definitions?: (rank: number) => Experiment
  readonly requests?: (rank: number) => Partial<RunRequest>
  readonly resume?: boolean
  /** Rank 0's own interruption. */
  readonly signal?: AbortSignal
}

/** A run by so many ranks; the first error of any. */
async function runOn(
  size: number,
  definition: Experiment,
  request: RunRequest,
  { definitions, requests, resume = false, signal }: Options = {},
) {
  const ranks = crew(size)
  const end = async (rank: (typeof ranks)[number], work: Promise<unknown>) => {
    try {
      await work
    } catch (error) {
      rank.fail(error)
      throw error
    }
  }
  const [first, ...others] = ranks
  const lead = new Lead(first)
  const control = { lead, signal: AbortSignal.any([first.signal, ...(signal ? [signal] : [])]) }
  const leading = (resume ? resumeExperiment(definition, request.folder!, control) : runExperiment(definition, request, control)).then(() =>
    lead.end(),
  )
  const following = others.map(async (rank) => {
    const own = definitions?.(rank.rank) ?? definition
    await followExperiment(own, { ...request, ...requests?.(rank.rank) }, { ranks: rank, resumed: resume, signal: first.signal })
  })
  const outcomes = await Promise.allSettled([end(first, leading), ...following.map((work, i) => end(others[i], work))])
  const failed = outcomes.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined
  if (failed) throw failed.reason
}

const small = (changed: Partial<RunRequest> = {}): RunRequest => ({ preset: 'small', folder: join(scratch(), 'run'), ...changed })

/** As `comparable`, with the observations of each unit apart: units are logged side by side. */
function contentsOf(folder: string): Record<string, unknown> {
  const files = comparable(folder)
  const byUnit: Record<string, string[]> = {}
  for (const line of files['metrics.jsonl'].split('\n').filter(Boolean)) (byUnit[JSON.parse(line).unit] ??= []).push(line)
  // How many trained at a time is no part of the numbers.
  return { ...files, 'metrics.jsonl': byUnit, 'report.json': files['report.json'].replace(/"atATime":\d+/, '') }
}

test('units that each rank trains whole are stored at rank 0 as if they had been trained there', async () => {
  const request = small()
  await runOn(3, walk(), request)
  const alone = small()
  await runExperiment(walk(), alone)
  expect(contentsOf(request.folder!)).toEqual(contentsOf(alone.folder!))
})

test('what a unit forgets at another rank is forgotten at rank 0', async () => {
  const forgetting = walk()
  const definition: Experiment = {
    ...forgetting,
    async unit(context) {
      const findings = await forgetting.unit(context)
      if (context.seed === 1) await context.checkpoint.forget()
      return findings
    },
  }
  const request = small()
  await runOn(3, definition, request)
  const checkpoints = readdirSync(join(request.folder!, 'checkpoints'))
  expect(checkpoints.filter((name) => name.includes('--seed-1--'))).toEqual([])
  expect(checkpoints.filter((name) => name.includes('--seed-2--'))).not.toEqual([])
})

test('a unit that diverges at another rank is a finding, as it is here', async () => {
  const request = small({ settings: { explode: true } })
  await runOn(2, walk(), request)
  const alone = small({ settings: { explode: true } })
  await runExperiment(walk(), alone)
  expect(contentsOf(request.folder!)).toEqual(contentsOf(alone.folder!))
})

/** Fits a number to rows by shards; after each step it can be interrupted. */
const fitted = (onStep: (step: number) => void = () => {}): Experiment => ({
  ...walk(),
  config: z.object({ steps: z.number().default(12).describe('steps'), rate: z.number().default(0.3).describe('learning rate') }),
  arms: () => [{ id: 'fit', label: 'a fit', kind: 'method' }],
  claims: [],
  controls: [],
  figures: undefined,
  dataParallel: () => true,
  unit: async ({ config, seed, parallel, checkpoint, log, progress, artifact }) => {
    const { steps, rate } = config as { steps: number; rate: number }
    const step = trainStep<Tensor, { x: NDArray }>(
      (w, { x }) => mean(square(sub(mul(x, w), 1))),
      sgd({ learningRate: rate, momentum: 0.5 }),
      parallel,
    )
    const saved = await checkpoint.latest()
    let state = step.init(zeros([]))
    if (saved) state = fromArrays(saved.tensors, state)
    for (let k = saved?.step ?? 0; k < steps; k++) {
      const x = Float32Array.from({ length: 13 }, (_, i) => Math.fround(Math.sin(seed + k * 13 + i)))
      const next = await step(state, { x: ndarray(x, [13], 'float32') })
      state = { params: next.params, optimizer: next.optimizer }
      log(k, { loss: next.loss })
      if (k % 4 === 3) await checkpoint.save(k + 1, await toArrays(state))
      onStep(k)
      await progress(k + 1, steps)
    }
    await artifact('w.txt', String(await state.params.item()))
    return { measurements: { w: await state.params.item() } }
  },
})

test('a unit by shards has the same bits on 1, 2 and 4 ranks, and they differ from those without shards', async () => {
  const contents = await Promise.all(
    [1, 2, 4].map(async (ranks) => {
      const request = small({ shards: 4 })
      await (ranks === 1 ? runExperiment(fitted(), request) : runOn(ranks, fitted(), request))
      return contentsOf(request.folder!)
    }),
  )
  expect(contents[1]).toEqual(contents[0])
  expect(contents[2]).toEqual(contents[0])
  const whole = small()
  await runExperiment(fitted(), whole)
  expect(contentsOf(whole.folder!)).not.toEqual(contents[0])
})

test('interrupted on 4 ranks, it ends on 2 with the numbers of one that was not', async () => {
  const request = small({ shards: 4 })
  const stop = new AbortController()
  let steps = 0
  const definition = fitted(() => ++steps === 17 && stop.abort())
  await expect(runOn(4, definition, request, { definitions: () => fitted(), signal: stop.signal })).rejects.toThrow(Interrupted)
  await runOn(2, fitted(), request, { resume: true })
  const alone = small({ shards: 4 })
  await runExperiment(fitted(), alone)
  expect(contentsOf(request.folder!)).toEqual(contentsOf(alone.folder!))
})

test('a rank that was started for something else is refused before there is a folder', async () => {
  const request = small()
  const requests = (rank: number) => (rank === 2 ? { settings: { drift: 2 } } : {})
  await expect(runOn(3, walk(), request, { requests })).rejects.toThrow(/config\.drift is 2 here and 1 at rank 0; start the same quire/)
  expect(existsSync(request.folder!)).toBe(false)
})

test('a rank with other data is refused', async () => {
  const definitions = (): Experiment => ({
    ...walk(),
    data: async () => ({ provenance: { name: 'nothing', real: true, source: 'elsewhere', sha256: 'other' }, value: 0 }),
  })
  const stopped: Interrupted = await runOn(2, walk(), small(), { definitions }).catch((error) => error)
  expect(String(stopped.cause)).toMatch(/elsewhere: the data are not those of rank 0/)
})

test('an error at one rank ends the run with it', async () => {
  const definitions = (): Experiment => ({
    ...walk(),
    unit: () => Promise.reject(new InputError('a file is damaged', { where: 'data.csv' })),
  })
  const error: Interrupted = await runOn(2, walk({ step: () => new Promise((resolve) => setTimeout(resolve, 1)) }), small(), {
    definitions,
  }).catch((error) => error)
  expect(error).toBeInstanceOf(Interrupted)
  expect(String(error.cause)).toMatch(/data\.csv: a file is damaged/)
})

test('an error at rank 0 ends the run, though another rank is in the middle of a unit', async () => {
  const slow = walk({ step: () => new Promise((resolve) => setTimeout(resolve, 20)) })
  const definition: Experiment = { ...walk(), unit: () => Promise.reject(new InputError('the disk is full', { where: 'here' })) }
  await expect(runOn(2, definition, small({ settings: { steps: 2000 } }), { definitions: () => slow })).rejects.toThrow(
    'here: the disk is full',
  )
})

test('what is not a number travels as what JSON makes of it', async () => {
  const unit: Experiment['unit'] = async ({ log }) => {
    log(1, { place: Number.NEGATIVE_INFINITY })
    return { measurements: { speed: Number.NaN, place: Number.POSITIVE_INFINITY } }
  }
  const definition: Experiment = { ...walk(), unit }
  const [request, alone] = [small(), small()]
  await runOn(2, definition, request)
  await runExperiment(definition, alone)
  expect(contentsOf(request.folder!)).toEqual(contentsOf(alone.folder!))
})
