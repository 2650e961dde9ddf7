import { appendFileSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readExportedRun } from '../src/experiment/export/exported-run.ts'
import { exportTensorboard } from '../src/experiment/export/tensorboard/tensorboard.ts'
import { quietControl } from '../src/experiment/export/testing/control.ts'
import { readRecords } from '../src/experiment/export/testing/read-events.ts'
import { sampleObservations, sampleRun, sampleUnits } from '../src/experiment/export/testing/sample-run.ts'
import type { Observation } from '../src/experiment/run/metrics.ts'
import { walk } from '../src/experiment/testing/walk.ts'
import { keep, python, workFolder } from './python.ts'
import { type Service, script, service } from './service.ts'

/* A run exported as event files, read by TensorBoard's own readers and asked of a running TensorBoard. */

const top = 'walk/20260102-030405-abc123'
const emptied = (name: string): string => {
  rmSync(workFolder(name), { recursive: true, force: true })
  return workFolder(name)
}

/** Values of every magnitude, more than one write's worth of them. */
const many: Observation[] = Array.from({ length: 20_000 }, (_, i) => ({
  ...{ unit: sampleUnits[0].unit, name: 'many', step: i, time: sampleObservations[0].time + i },
  value: Math.sin(i) * 10 ** ((i % 77) - 38),
}))
const observations = [...sampleObservations, ...many]

const folder = sampleRun(emptied('tensorboard-run'))
appendFileSync(join(folder, 'metrics.jsonl'), many.map((line) => `${JSON.stringify(line)}\n`).join(''))
const logs = emptied('tensorboard-logs')

let tensorboard: Service

beforeAll(async () => {
  await exportTensorboard(readExportedRun(folder, walk()), logs, quietControl())
  const args = ['--logdir', logs, '--host', '127.0.0.1', '--samples_per_plugin', 'scalars=100000']
  tensorboard = await service((port) => [script('tensorboard'), ...args, '--port', `${port}`], '/data/runs')
}, 120_000)

afterAll(() => tensorboard?.stop())

interface Found {
  readonly events: number
  readonly scalars: Record<string, [step: number, time: number, value: string][]>
  readonly images: Record<string, [format: string, width: number, height: number, statedWidth: number, statedHeight: number][]>
  readonly histograms: Record<string, number[]>
  readonly texts: Record<string, string[]>
  readonly sessions: Record<string, { group?: string; status?: number; hparams?: Record<string, unknown> }>
}

const pythonNumbers: Record<string, number> = { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY }

const expectedScalars = (unit: string, name: string) =>
  observations
    .filter((line) => line.unit === unit && line.name === name)
    .map(({ step, time, value }) => [step, time / 1000, Math.fround(value ?? Number.NaN)])

test("TensorBoard's readers find every scalar, image, histogram, text and session", () => {
  const { version, folders } = python('tensorboard_files.py', logs) as { version: string; folders: Record<string, Found> }
  let scalars = 0
  for (const { unit, arm, seed } of sampleUnits) {
    const found = folders[`${top}/${arm}/seed-${seed}`]
    for (const name of new Set(observations.filter((line) => line.unit === unit).map((line) => line.name))) {
      const values = found.scalars[name].map(([step, time, value]) => [step, time, pythonNumbers[value] ?? Number(value)])
      expect(values).toEqual(expectedScalars(unit, name))
      scalars += values.length
    }
    expect(found.sessions['_hparams_/session_start_info']).toEqual({
      group: `${top}/${arm}`,
      hparams: {
        ...{ steps: 3, drift: arm === 'straight/no-drift' ? 0 : 1, shape: 'straight', 'noise.scale': 0.1, explode: false, bar: 0.8 },
        ...{ method: 'walk', preset: 'small', arm },
      },
    })
    expect(found.sessions['_hparams_/session_end_info'].status).toBe(arm === 'straight/no-drift' ? 2 : 1)
  }
  expect(folders[`${top}/straight/walk/seed-0`].histograms).toEqual({ 'weights/w': [4] })
  const { images, texts } = folders[top]
  expect(images).toEqual({ 'figures/place': [['PNG', 80, 40, 80, 40]] })
  expect(Object.keys(texts).sort()).toEqual(['report', 'verdicts'])
  const events = Object.values(folders).reduce((sum, found) => sum + found.events, 0)
  keep('tensorboard', { version, scalars, events, files: Object.keys(folders).length })
})

test('a running TensorBoard gives the scalars, and its HPARAMS page the arms with their means', async () => {
  const ask = async (path: string, body?: object) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${tensorboard.url}/data/plugin/${path}`, body && { method: 'POST', headers, body: JSON.stringify(body) })
    return await answer.json()
  }
  await loaded(() => ask(`scalars/scalars?${new URLSearchParams({ run: `${top}/straight/walk/seed-0`, tag: 'final/speed' })}`))
  for (const { unit, arm, seed } of sampleUnits)
    for (const name of ['place', 'speed (m/s), 快']) {
      const values = await ask(`scalars/scalars?${new URLSearchParams({ run: `${top}/${arm}/seed-${seed}`, tag: name })}`)
      expect(values.map(([time, step, value]: number[]) => [step, time, Number(value)])).toEqual(expectedScalars(unit, name))
    }
  const many = await ask(`scalars/scalars?${new URLSearchParams({ run: `${top}/straight/walk/seed-0`, tag: 'many' })}`)
  expect(many.map(([time, step, value]: number[]) => [step, time, Number(value)])).toEqual(expectedScalars(sampleUnits[0].unit, 'many'))
  const { hparamInfos } = await ask('hparams/experiment', { experimentName: '' })
  expect(
    hparamInfos
      .filter(({ differs }: { differs: boolean }) => differs)
      .map(({ name }: { name: string }) => name)
      .sort(),
  ).toEqual(['arm', 'drift'])
  const statuses = ['UNKNOWN', 'SUCCESS', 'FAILURE', 'RUNNING'].map((status) => `STATUS_${status}`)
  const { sessionGroups } = await ask('hparams/session_groups', {
    ...{ experimentName: '', allowedStatuses: statuses, colParams: [], startIndex: 0, sliceSize: 10, aggregationType: 'AGGREGATION_AVG' },
  })
  const walked = sessionGroups.find(({ name }: { name: string }) => name === `${top}/straight/walk`)
  expect(walked.sessions).toHaveLength(2)
  const speed = walked.metricValues.find(({ name }: { name: { tag: string } }) => name.tag === 'final/speed')
  expect(speed.value).toBeCloseTo(1.05, 6)
})

/** TensorBoard reads a folder little by little: waits until what is last in it is there. */
async function loaded(ask: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const found = await ask().catch(() => [])
    if (Array.isArray(found) && found.length) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

test('the event file in the tests is what its script writes today', () => {
  const work = emptied('tensorboard-reference')
  python('tensorboard_reference.py', work)
  const records = (file: string) =>
    readRecords(new Uint8Array(readFileSync(file)))
      .slice(1)
      .map((data) => Buffer.from(data).toString('hex'))
  const fixture = join(import.meta.dirname, '..', 'src', 'experiment', 'export', 'testing', 'reference.tfevents')
  expect(records(join(work, readdirSync(work)[0]))).toEqual(records(fixture))
})
