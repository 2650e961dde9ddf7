import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { lock } from '../run/lock.ts'
import { planRun } from '../run/plan-run.ts'
import { Interrupted, type RunRequest } from '../run/request.ts'
import { resumeExperiment, runExperiment } from '../run/run.ts'
import { comparable, scratch } from '../testing/comparable.ts'
import { type WalkHooks, walk } from '../testing/walk.ts'
import { createShared, joinShared, runTask } from './shared.ts'
import { stateOf, taskOf } from './tasks.ts'

const request = (changed: Partial<RunRequest> = {}) => ({ preset: 'small' as const, folder: join(scratch(), 'run'), ...changed })

async function shared(changed: Partial<RunRequest> = {}): Promise<string> {
  const asked = request(changed)
  createShared(asked.folder, await planRun(walk(), asked))
  return asked.folder
}

/** What one process finds, without the folders of the tasks. */
const found = (folder: string) => Object.fromEntries(Object.entries(comparable(folder)).filter(([name]) => !name.startsWith('tasks/')))

const known = new Map<string, Promise<Record<string, string>>>()

/** What a run of one process finds. */
function onOne(changed: Partial<RunRequest> = {}): Promise<Record<string, string>> {
  const key = JSON.stringify(changed)
  if (!known.has(key))
    known.set(
      key,
      runExperiment(walk(), request(changed)).then(({ folder }) => found(folder)),
    )
  return known.get(key)!
}

/** A task that is stopped from outside when it comes to a step of its n-th. */
async function stopped(folder: string, seed: number, after: number): Promise<void> {
  const controller = new AbortController()
  let steps = 0
  const hooks: WalkHooks = { step: () => (++steps === after ? controller.abort() : undefined) }
  await expect(runTask(walk(hooks), folder, seed, { signal: controller.signal })).rejects.toThrow(Interrupted)
}

describe('a run shared out in tasks equals a run of one process, byte for byte', () => {
  test.each([[[0, 1, 2]], [[2, 0, 1]], [[1, 2, 0]]])('in the order %j; the last one makes the report', async (order) => {
    const folder = await shared()
    const outcomes = []
    for (const seed of order) outcomes.push(await runTask(walk(), folder, seed))
    expect(outcomes.map((outcome) => outcome !== undefined)).toEqual([false, false, true])
    expect(found(folder)).toEqual(await onOne())
  })

  test('side by side', async () => {
    const folder = await shared({ seeds: [0, 1, 2, 3, 4] })
    const outcomes = await Promise.all([0, 1, 2, 3, 4].map((seed) => runTask(walk(), folder, seed)))
    expect(outcomes.filter(Boolean).length).toBeGreaterThan(0)
    expect(found(folder)).toEqual(await onOne({ seeds: [0, 1, 2, 3, 4] }))
  })

  test('with tasks that are stopped at any steps and started again', async () => {
    const expected = await onOne()
    const stop = fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 1, max: 15 }))
    await fc.assert(
      fc.asyncProperty(fc.array(stop, { maxLength: 4 }), async (stops) => {
        const folder = await shared()
        for (const [seed, after] of stops) await stopped(folder, seed, after)
        for (const seed of [0, 1, 2]) await runTask(walk(), folder, seed)
        expect(found(folder)).toEqual(expected)
      }),
      { numRuns: 5 },
    )
  })

  test('an arm that runs with the first seed only is run once', async () => {
    const folder = await shared()
    const ideal: number[] = []
    for (const seed of [2, 1, 0]) await runTask(walk({ step: ({ arm, seed }) => void (arm === 'ideal' && ideal.push(seed)) }), folder, seed)
    expect(new Set(ideal)).toEqual(new Set([0]))
  })

  test('but not where a task is left out: the comparison can fail', async () => {
    const folder = await shared({ seeds: [0, 1] })
    for (const seed of [0, 1]) await runTask(walk(), folder, seed)
    expect(found(folder)).not.toEqual(await onOne())
  })
})

describe('quire run --resume of a shared run', () => {
  test('goes on with what is missing, from the checkpoints of the tasks', async () => {
    const folder = await shared()
    await runTask(walk(), folder, 1)
    await stopped(folder, 2, 8)
    const steps: string[] = []
    const { report } = await resumeExperiment(walk({ step: ({ seed, step }) => void steps.push(`${seed}/${step}`) }), folder)
    expect(report.resumed).toBe(1)
    expect(steps.filter((step) => step.startsWith('1/'))).toEqual([])
    expect(steps.find((step) => step.startsWith('2/'))).toBe('2/6')
    expect(found(folder)).toEqual(await onOne())
  })

  test('leaves a task alone on which another process works, and says who', async () => {
    const folder = await shared()
    mkdirSync(taskOf(folder, 1).folder)
    const release = lock(taskOf(folder, 1).folder)
    await expect(resumeExperiment(walk(), folder)).rejects.toThrow(`process ${process.pid} on`)
    expect(stateOf(taskOf(folder, 0))).toBe('done')
    expect(stateOf(taskOf(folder, 1))).toBe('running')
    expect(stateOf(taskOf(folder, 2))).toBe('done')
    release()
    await resumeExperiment(walk(), folder)
    expect(found(folder)).toEqual(await onOne())
  })

  test('gathers again whatever was lost or half done', async () => {
    const folder = await shared()
    for (const seed of [0, 1, 2]) await runTask(walk(), folder, seed)
    const expected = found(folder)
    for (const name of ['units/straight_walk--seed-1.json', 'metrics.jsonl', 'report.json']) rmSync(join(folder, name))
    await resumeExperiment(walk(), folder)
    expect(found(folder)).toEqual(expected)
  })
})

test('a file of a task that is not as the task left it is not gathered; the task is done again', async () => {
  const folder = await shared()
  for (const seed of [0, 1]) await runTask(walk(), folder, seed)
  const damaged = join(taskOf(folder, 1).folder, 'units', 'straight_walk--seed-1.json')
  writeFileSync(damaged, readFileSync(damaged, 'utf8').replace('"steps": 20', '"steps": 21'))
  await expect(runTask(walk(), folder, 2)).rejects.toThrow(/straight_walk--seed-1\.json: it is not as it was when its task ended/)
  expect(existsSync(join(folder, 'report.json'))).toBe(false)
  expect(stateOf(taskOf(folder, 1))).toBe('stopped')
  await resumeExperiment(walk(), folder)
  expect(JSON.parse(found(folder)['report.json'])).toEqual(JSON.parse((await onOne())['report.json']))
})

test('what goes wrong in a task is written down until it goes well', async () => {
  const folder = await shared({ seeds: [0] })
  const failing = walk({
    step: () => {
      throw new Error('the ground\ngave way')
    },
  })
  await expect(runTask(failing, folder, 0)).rejects.toThrow('gave way')
  expect(stateOf(taskOf(folder, 0))).toBe('failed')
  expect(JSON.parse(readFileSync(taskOf(folder, 0).failed, 'utf8'))).toMatchObject({ seed: 0, message: 'the ground gave way' })
  await runTask(walk(), folder, 0)
  expect(stateOf(taskOf(folder, 0))).toBe('done')
  expect(existsSync(taskOf(folder, 0).failed)).toBe(false)
})

test('tasks that read other data are not put together', async () => {
  const folder = await shared({ seeds: [0, 1] })
  const other = walk()
  await runTask(walk(), folder, 0)
  const data: typeof other.data = async () => ({ provenance: { name: 'other', real: true, source: 'there', sha256: 'def' }, value: 0 })
  await expect(runTask({ ...other, data }, folder, 1)).rejects.toThrow(/seed 1 read other data than seed 0/)
})

describe('a folder that the first process makes', () => {
  test('is joined by the others, also at a time', async () => {
    const asked = request()
    await Promise.all([0, 1, 2].map(() => joinShared(walk(), asked)))
    for (const seed of [0, 1, 2]) await runTask(walk(), asked.folder, seed)
    expect(found(asked.folder)).toEqual(await onOne())
  })

  test.each<[string, Partial<RunRequest>]>([
    ['seeds', { seeds: [0, 1] }],
    ['settings', { settings: { drift: 2 } }],
    ['preset', { preset: 'smoke', seeds: [0, 1, 2] }],
  ])('is refused with other %s', async (_, changed) => {
    const asked = request()
    await joinShared(walk(), asked)
    await expect(joinShared(walk(), { ...asked, ...changed })).rejects.toThrow(/has another method, preset, config/)
  })

  test('is refused where the run is one of a single process', async () => {
    const { folder } = await runExperiment(walk(), request())
    await expect(joinShared(walk(), request({ folder }))).rejects.toThrow(/not shared out in tasks/)
  })
})

test('a seed that the run has not is refused', async () => {
  await expect(runTask(walk(), await shared(), 7)).rejects.toThrow(/this run has no seed 7; its seeds are 0, 1, 2/)
})

test.each([
  ['its own start before this one', { task: '77_0', restarts: 0 }, 'stopped'],
  ['another task', { task: '77_1', restarts: 0 }, 'running'],
  ['a later start', { task: '77_0', restarts: 2 }, 'running'],
  ['a process of no job', undefined, 'running'],
])('in a job array, the fresh lock of another machine by %s', async (_, job, state) => {
  const folder = await shared()
  mkdirSync(taskOf(folder, 0).folder)
  writeFileSync(join(taskOf(folder, 0).folder, 'lock'), JSON.stringify({ pid: 1, host: 'elsewhere', job }))
  const env = { SLURM_ARRAY_JOB_ID: '77', SLURM_ARRAY_TASK_ID: '0', SLURM_RESTART_COUNT: '1' }
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  try {
    expect(stateOf(taskOf(folder, 0))).toBe(state)
    if (state === 'stopped') await runTask(walk(), folder, 0)
  } finally {
    vi.unstubAllEnvs()
  }
})

test('the lock of a machine that died long ago is taken over', async () => {
  const folder = await shared()
  const { folder: own } = taskOf(folder, 0)
  mkdirSync(own)
  writeFileSync(join(own, 'lock'), JSON.stringify({ pid: 1, host: 'elsewhere' }))
  expect(stateOf(taskOf(folder, 0))).toBe('running')
  const longAgo = new Date(Date.now() - 3_600_000)
  utimesSync(join(own, 'lock'), longAgo, longAgo)
  expect(stateOf(taskOf(folder, 0))).toBe('stopped')
  await runTask(walk(), folder, 0)
  expect(stateOf(taskOf(folder, 0))).toBe('done')
})
