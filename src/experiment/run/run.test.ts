import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { InputError } from '../../engine/errors.ts'
import type { Experiment } from '../definition.ts'
import { comparable, scratch } from '../testing/comparable.ts'
import { mend } from '../testing/faults.ts'
import { type WalkHooks, walk } from '../testing/walk.ts'
import { lock } from './lock.ts'
import { Interrupted, type RunRequest } from './request.ts'
import { resumeExperiment, runExperiment } from './run.ts'

afterEach(mend)

const small = (changed: Partial<RunRequest> = {}): RunRequest => ({ preset: 'small', folder: join(scratch(), 'run'), ...changed })

/** A run that is stopped from outside when it comes to a step of a unit. */
async function interruptedAt(arm: string, seed: number, step: number, request = small()): Promise<string> {
  const controller = new AbortController()
  const hooks: WalkHooks = {
    step: (event) => {
      if (event.arm === arm && event.seed === seed && event.step === step) controller.abort()
    },
  }
  await expect(runExperiment(walk(hooks), request, { signal: controller.signal })).rejects.toThrow(Interrupted)
  return request.folder!
}

const uninterrupted = async (): Promise<Record<string, string>> => comparable((await runExperiment(walk(), small())).folder)

describe('the run folder', () => {
  test('has what the architecture says', async () => {
    const { folder } = await runExperiment(walk(), { preset: 'smoke', root: scratch() })
    expect(folder).toMatch(/walk\/\d{8}-\d{6}-[0-9a-f]{6}$/)
    const names = readdirSync(folder).sort()
    expect(names).toEqual([
      'artifacts',
      'checkpoints',
      'manifest.json',
      'metrics.jsonl',
      'report.html',
      'report.json',
      'report.md',
      'run.json',
      'units',
    ])
    expect(readdirSync(join(folder, 'units'))).toContain('straight_walk--seed-0.json')
    expect(readdirSync(join(folder, 'checkpoints'))).toContain('straight_walk--seed-0--step-000000005.safetensors')
    expect(readFileSync(join(folder, 'artifacts', 'ideal--seed-0', 'place.txt'), 'utf8')).toBe('5')
  })

  test('run.json says what the numbers depend on', async () => {
    const { folder } = await runExperiment(walk(), small({ command: ['quire', 'run', 'walk'], settings: { drift: 2 } }))
    const run = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))
    expect(run).toMatchObject({
      schema: 1,
      method: 'walk',
      preset: 'small',
      seeds: [0, 1, 2],
      config: { steps: 20, drift: 2 },
      status: 'complete',
      command: ['quire', 'run', 'walk'],
      versions: {
        quire: expect.any(String),
        node: process.versions.node,
        onnxruntime: expect.stringMatching(/^onnxruntime-(node|web).* \d/),
      },
      machine: {
        cpu: expect.any(String),
        cores: expect.any(Number),
        threads: expect.any(Number),
        memoryBytes: expect.any(Number),
        platform: expect.any(String),
      },
      data: { name: 'nothing', real: true },
    })
  })

  test('arms run with the seeds that they ask for', async () => {
    const { folder } = await runExperiment(walk(), small({ seeds: [4, 7] }))
    const units = readdirSync(join(folder, 'units')).sort()
    expect(units.filter((name) => name.startsWith('straight_walk'))).toEqual(['straight_walk--seed-4.json', 'straight_walk--seed-7.json'])
    expect(units.filter((name) => name.startsWith('ideal'))).toEqual(['ideal--seed-4.json'])
  })

  test('is refused when it holds something', async () => {
    const request = small()
    await runExperiment(walk(), request)
    await expect(runExperiment(walk(), request)).rejects.toThrow(/not empty; go on with --resume/)
  })

  test('is refused where it cannot be made', async () => {
    const file = join(scratch(), 'file')
    writeFileSync(file, '')
    const error = await runExperiment(walk(), small({ folder: join(file, 'run') })).catch((caught) => caught)
    expect(error).toBeInstanceOf(InputError)
    expect(error.message).toMatch(/run: cannot be used \(ENOTDIR\); a part of the path is a file/)
  })
})

describe('verdicts', () => {
  const outcome = async (definition: Experiment, settings = {}) => (await runExperiment(definition, small({ settings }))).report

  test('hold', async () => expect(await outcome(walk())).toMatchObject({ outcome: 'holds', exitStatus: 0 }))
  test('fail', async () => expect(await outcome(walk(), { drift: 0.5 })).toMatchObject({ outcome: 'fails', exitStatus: 1 }))
  test('are undecided', async () => expect(await outcome(walk(), { drift: 0.81 })).toMatchObject({ outcome: 'undecided', exitStatus: 3 }))
  test('of a smoke run there are none', async () =>
    expect((await runExperiment(walk(), small({ preset: 'smoke' }))).report).toMatchObject({
      outcome: 'notJudged',
      exitStatus: 0,
      claims: [],
      controls: [],
    }))

  test('a control that does not fail spoils everything', async () => {
    const arms = () =>
      walk()
        .arms({})
        .map((arm) => (arm.kind === 'control' ? { ...arm, config: {} } : arm))
    const report = await outcome({ ...walk(), arms })
    expect(report.claims.every(({ verdict }) => verdict === 'holds')).toBe(true)
    expect(report).toMatchObject({ outcome: 'controlHolds', exitStatus: 1 })
    expect(report.controls.every(({ failsAsItShould }) => failsAsItShould === false)).toBe(true)
  })

  test('a control that is undecided does not fail either', async () => {
    const arms = () =>
      walk()
        .arms({})
        .map((arm) => (arm.kind === 'control' ? { ...arm, config: { drift: 0.81 } } : arm))
    expect(await outcome({ ...walk(), arms })).toMatchObject({ outcome: 'controlHolds', exitStatus: 1 })
  })

  test('training that diverges is a finding: the claim fails, the other arms go on', async () => {
    const report = await outcome(walk(), { explode: true })
    expect(report).toMatchObject({ outcome: 'fails', exitStatus: 1 })
    expect(report.claims[0]).toMatchObject({ verdict: 'fails', reason: 'notFinite', measured: { mean: null, values: [null, null, null] } })
    expect(report.arms.find(({ id }) => id === 'straight/walk')!.diverged).toHaveLength(3)
    expect(report.arms.find(({ id }) => id === 'straight/slow')!.measurements.speed.n).toBe(3)
  })

  test('a baseline that diverges leaves no number to compare with', async () => {
    const definition = walk()
    const unit: Experiment['unit'] = (context) =>
      definition.unit(
        context.arm.kind === 'baseline'
          ? { ...context, arm: { ...context.arm, kind: 'method' }, config: { ...(context.config as object), explode: true } }
          : context,
      )
    const report = await outcome({ ...definition, unit })
    expect(report.claims.map(({ verdict }) => verdict)).toEqual(['holds', 'fails'])
    expect(report.claims[1].baseline).toMatchObject({ mean: null, values: [null, null, null] })
  })
})

describe('resume equals never interrupted', () => {
  test.each([
    ['straight/walk', 0, 1],
    ['straight/walk', 0, 7],
    ['straight/slow', 1, 5],
    ['straight/no-drift', 2, 20],
    ['ideal', 0, 11],
  ])('%s, seed %d, step %d', async (arm, seed, step) => {
    const folder = await interruptedAt(arm, seed, step)
    expect(existsSync(join(folder, 'report.json'))).toBe(false)
    expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')).status).toBe('running')
    const { report } = await resumeExperiment(walk(), folder)
    expect(report.resumed).toBe(1)
    expect(comparable(folder)).toEqual(await uninterrupted())
  })

  test('finished units are not repeated, and the unfinished one goes on from its checkpoint', async () => {
    const folder = await interruptedAt('straight/slow', 0, 13)
    const steps: string[] = []
    await resumeExperiment(walk({ step: ({ arm, seed, step }) => void steps.push(`${arm} ${seed} ${step}`) }), folder)
    expect(steps[0]).toBe('straight/slow 0 11')
    expect(steps.filter((step) => step.startsWith('straight/walk 0'))).toEqual([])
  })

  test('interrupted again and again, at any steps', async () => {
    const expected = await uninterrupted()
    const moments = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(moments, async (steps) => {
        const request = small()
        for (const [i, left] of steps.entries()) {
          const controller = new AbortController()
          let count = 0
          const hooks: WalkHooks = { step: () => (++count === left ? controller.abort() : undefined) }
          const going =
            i === 0
              ? runExperiment(walk(hooks), request, { signal: controller.signal })
              : resumeExperiment(walk(hooks), request.folder!, { signal: controller.signal })
          await going.catch((error) => expect(error).toBeInstanceOf(Interrupted))
        }
        await resumeExperiment(walk(), request.folder!)
        expect(comparable(request.folder!)).toEqual(expected)
      }),
      { numRuns: 6 },
    )
  })

  test('with a torn metrics file', async () => {
    const folder = await interruptedAt('straight/slow', 1, 8)
    appendFileSync(join(folder, 'metrics.jsonl'), '{"unit":"straight_slow--seed-1","step":8,"name":"pla')
    await resumeExperiment(walk(), folder)
    expect(comparable(folder)).toEqual(await uninterrupted())
  })

  test('with a damaged newest checkpoint', async () => {
    const folder = await interruptedAt('straight/slow', 1, 18)
    const newest = readdirSync(join(folder, 'checkpoints'))
      .filter((name) => name.startsWith('straight_slow--seed-1') && name.endsWith('.safetensors'))
      .sort()
      .at(-1)!
    truncateSync(join(folder, 'checkpoints', newest), 50)
    const notices: string[] = []
    await resumeExperiment(walk(), folder, { observer: { notice: (line) => notices.push(line) } })
    expect(notices.join()).toMatch(/step-000000015 is damaged; the one before it is used/)
    expect(comparable(folder)).toEqual(await uninterrupted())
  })

  test('with a torn unit file', async () => {
    const folder = await interruptedAt('straight/walk', 1, 3)
    truncateSync(join(folder, 'units', 'ideal--seed-0.json'), 20)
    await resumeExperiment(walk(), folder)
    const [own, expected] = [comparable(folder), await uninterrupted()]
    for (const name of ['report.json', 'artifacts/figures.json']) expect(own[name]).toEqual(expected[name])
    const series = (text: string) => JSON.parse(text).series
    expect(series(own['units/ideal--seed-0.json'])).toEqual(series(expected['units/ideal--seed-0.json']))
  })

  test('without its checkpoints', async () => {
    const folder = await interruptedAt('straight/slow', 1, 18)
    rmSync(join(folder, 'checkpoints'), { recursive: true })
    await resumeExperiment(walk(), folder)
    expect(comparable(folder)['report.json']).toEqual((await uninterrupted())['report.json'])
  })
})

/** run.json, to be spoiled. */
type Stored = {
  schema: number
  method: string
  versions: Record<string, string>
  machine: Record<string, unknown>
  data: { sha256: string }
  config: Record<string, unknown>
}

describe('resume refuses', () => {
  const changed = async (change: (run: Stored) => void): Promise<string> => {
    const folder = await interruptedAt('straight/walk', 1, 3)
    const path = join(folder, 'run.json')
    const run = JSON.parse(readFileSync(path, 'utf8'))
    change(run)
    writeFileSync(path, JSON.stringify(run))
    return folder
  }

  test.each<[string, (run: Stored) => void, RegExp]>([
    ['another version of quire', (run) => void (run.versions.quire = '0.0.1'), /begun with quire 0\.0\.1, this is \d.*start a new run/],
    ['another layout', (run) => void (run.schema = 7), /its layout \("schema"\) is 7, this quire reads 1/],
    ['another method', (run) => void (run.method = 'hop'), /it is a run of hop, not of walk; quire run hop --resume/],
    ['other data', (run) => void (run.data.sha256 = 'def'), /the data are not those with which the run began/],
    ['an unknown config key', (run) => void (run.config.stepz = 1), /did you mean 'steps'/],
  ])('%s', async (_, change, message) => {
    const folder = await changed(change)
    const error = await resumeExperiment(walk(), folder).catch((caught) => caught)
    expect(error).toBeInstanceOf(InputError)
    expect(error.message).toMatch(message)
  })

  test('a folder that is no run, and one whose run.json is torn', async () => {
    const folder = scratch()
    await expect(resumeExperiment(walk(), folder)).rejects.toThrow(/no run folder/)
    writeFileSync(join(folder, 'run.json'), '{"schema": 1,')
    await expect(resumeExperiment(walk(), folder)).rejects.toThrow(/run\.json is damaged/)
  })

  test('a folder in which another process works', async () => {
    const folder = await interruptedAt('straight/walk', 1, 3)
    const release = lock(folder)
    await expect(resumeExperiment(walk(), folder)).rejects.toThrow(/is working in this run folder/)
    release()
  })

  test('but another number of threads or another runtime is only announced', async () => {
    const folder = await changed((run) => {
      run.machine.threads = 99
      run.versions.onnxruntime = 'onnxruntime-node 0.1'
    })
    const notices: string[] = []
    await resumeExperiment(walk(), folder, { observer: { notice: (line) => notices.push(line) } })
    expect(notices.join('\n')).toMatch(/threads: 99 → \d+/)
    expect(notices.join('\n')).toMatch(/onnxruntime: onnxruntime-node 0\.1 → /)
  })
})

test('a complete run only gets its report again', async () => {
  const { folder } = await runExperiment(walk(), small())
  const before = comparable(folder)
  rmSync(join(folder, 'report.json'))
  const { report } = await resumeExperiment(walk({ step: () => expect.unreachable() }), folder)
  expect(report.resumed).toBe(0)
  expect(comparable(folder)).toEqual(before)
})

test('data that are not there are the user’s error', async () => {
  await expect(runExperiment(walk(), small({ data: '/none/such' }))).rejects.toThrow(/--data \/none\/such: there is no such folder or file/)
})

test('artifacts stay in their folder', async () => {
  const definition = walk()
  const unit: Experiment['unit'] = async ({ artifact }) => ({ measurements: {}, details: await artifact('../../../x', '') })
  await expect(runExperiment({ ...definition, unit }, small())).rejects.toThrow(/outside the unit's folder/)
})
