import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { beforeEach, describe, expect, test } from 'vitest'
import { scratch } from '../../testing/comparable.ts'
import { failAt, mend } from '../../testing/faults.ts'
import { walk } from '../../testing/walk.ts'
import { readExportedRun } from '../exported-run.ts'
import { quietControl } from '../testing/control.ts'
import { liveBytes } from '../testing/live-bytes.ts'
import { type ReadEvent, readFolder } from '../testing/read-events.ts'
import { sampleObservations, sampleRun, sampleUnits } from '../testing/sample-run.ts'
import { exportTensorboard } from './tensorboard.ts'

let [folder, target] = ['', '']

beforeEach(() => {
  folder = sampleRun(join(scratch(), 'run'))
  target = join(scratch(), 'logs')
})

const exportIt = (control = quietControl()) => exportTensorboard(readExportedRun(folder, walk()), target, control)
const top = 'walk/20260102-030405-abc123'
const scalarsOf = (events: readonly ReadEvent[], tag: string) => events.filter((event) => event.tag === tag && event.scalar !== undefined)

/** Every file below a folder with its content. */
const contents = (root: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [join(entry.parentPath, entry.name), readFileSync(join(entry.parentPath, entry.name)).toString('hex')]),
  )

describe('what is written', () => {
  test('one file for the run and one for each unit, each with the first event that TensorBoard expects', async () => {
    expect(await exportIt()).toMatchObject({ units: 3, images: 1, scalars: 18 + 2 + 2 })
    const found = readFolder(target)
    expect(Object.keys(found)).toEqual([
      top,
      `${top}/straight/no-drift/seed-0`,
      `${top}/straight/walk/seed-0`,
      `${top}/straight/walk/seed-1`,
    ])
    for (const events of Object.values(found)) expect(events[0].version).toBe('brain.Event:2')
    expect(existsSync(join(target, top, 'lock'))).toBe(false)
  })

  test('every observation with its step, time and float32 value; null is NaN', async () => {
    await exportIt()
    const found = readFolder(target)
    for (const { unit, arm, seed } of sampleUnits)
      for (const name of ['place', 'speed (m/s), 快']) {
        const expected = sampleObservations.filter((line) => line.unit === unit && line.name === name)
        expect(scalarsOf(found[`${top}/${arm}/seed-${seed}`], name)).toEqual(
          expected.map(({ step, value, time }) => ({ tag: name, step, scalar: Math.fround(value ?? Number.NaN), time: time / 1000 })),
        )
      }
  })

  test('final measurements, curves over steps that were not logged, weights, and the session', async () => {
    await exportIt()
    const events = readFolder(target)[`${top}/straight/walk/seed-0`]
    expect(scalarsOf(events, 'final/speed')).toMatchObject([{ scalar: 1, step: 3 }])
    expect(scalarsOf(events, 'turns')).toMatchObject([
      { scalar: 0.5, step: 1 },
      { scalar: Number.NaN, step: 2 },
    ])
    expect(scalarsOf(events, 'angle')).toEqual([])
    expect(events.filter(({ histogram }) => histogram).map(({ tag, step }) => ({ tag, step }))).toEqual([{ tag: 'weights/w', step: 3 }])
    expect(events.filter(({ plugin }) => plugin === 'hparams').map(({ tag }) => tag)).toEqual([
      '_hparams_/session_start_info',
      '_hparams_/session_end_info',
    ])
  })

  test('the verdicts and the report as texts, the figures as images that decode', async () => {
    await exportIt()
    const events = readFolder(target)[top]
    const texts = Object.fromEntries(events.flatMap(({ tag, text }) => (text ? [[tag, text]] : [])))
    expect(texts.verdicts).toContain('| =The walk moves, "fast" | 1.1 [1, 1.2] | ≥ 2 | 1 m/s | fails |')
    expect(texts.report).toBe('# walk\n\n*The way*\n')
    const [image] = events.filter(({ png }) => png)
    expect(image.tag).toBe('figures/place')
    expect(await sharp(image.png).metadata()).toMatchObject({ format: 'png', width: 80, height: 40, channels: 3 })
  })

  test('a run that is still going on: what it has logged, without a verdict', async () => {
    folder = sampleRun(join(scratch(), 'run'), { status: 'running', finished: undefined })
    appendFileSync(join(folder, 'metrics.jsonl'), '{"unit":"straight_wa')
    await exportIt()
    expect(scalarsOf(readFolder(target)[`${top}/straight/walk/seed-1`], 'place')).toHaveLength(3)
    expect(readFolder(target)[top].some(({ tag }) => tag === 'verdicts')).toBe(false)
  })
})

describe('exported again', () => {
  test('the same run gives the same bytes, under the same names', async () => {
    await exportIt()
    const before = contents(target)
    await exportIt()
    expect(contents(target)).toEqual(before)
  })

  test('takes the place of what another machine has exported', async () => {
    await exportIt()
    const place = join(target, top, 'straight/walk/seed-0')
    writeFileSync(join(place, 'events.out.tfevents.1.elsewhere.quire'), 'old')
    await exportIt()
    expect(readdirSync(place)).toHaveLength(1)
  })

  test('touches no file of others', async () => {
    mkdirSync(join(target, top), { recursive: true })
    writeFileSync(join(target, top, 'notes.txt'), 'mine')
    writeFileSync(join(target, 'events.out.tfevents.1.other'), 'theirs')
    await exportIt()
    expect(readFileSync(join(target, top, 'notes.txt'), 'utf8')).toBe('mine')
    expect(readFileSync(join(target, 'events.out.tfevents.1.other'), 'utf8')).toBe('theirs')
  })

  test('writes nothing where another program has an event file in a folder of the run', async () => {
    const place = join(target, top, 'straight/walk/seed-1')
    mkdirSync(place, { recursive: true })
    writeFileSync(join(place, 'events.out.tfevents.1.other'), 'theirs')
    const before = contents(target)
    await expect(exportIt()).rejects.toThrow(/event file of another program/)
    expect(contents(target)).toEqual(before)
  })
})

describe('stopped half way', () => {
  test.each([3, 9, 14])('by a disk that fails at operation %i: what was exported before stays as it was', async (k) => {
    await exportIt()
    const before = contents(target)
    appendFileSync(join(folder, 'metrics.jsonl'), `${JSON.stringify({ ...sampleObservations[0], step: 4 })}\n`)
    failAt(k, 'ENOSPC')
    await expect(exportIt()).rejects.toThrow(/ENOSPC/)
    mend()
    expect(contents(target)).toEqual(before)
  })

  test('by Ctrl-C', async () => {
    const stop = new AbortController()
    stop.abort()
    await expect(exportIt(quietControl({ signal: stop.signal }))).rejects.toThrow()
    expect(contents(target)).toEqual({})
  })
})

test('a name in run.json that points outside is refused', async () => {
  folder = sampleRun(join(scratch(), 'run'), { id: '../../../elsewhere' })
  await expect(exportIt()).rejects.toThrow(/outside/)
})

test('100,000 observations are exported in memory that does not grow with them', async () => {
  const lines = Array.from({ length: 1000 }, (_, i) => `${JSON.stringify({ ...sampleObservations[i % 18], step: i })}\n`).join('')
  for (let i = 0; i < 100; i++) appendFileSync(join(folder, 'metrics.jsonl'), lines)
  const held: number[] = []
  const { scalars } = await exportIt(
    quietControl({ progress: (fraction) => fraction > [0.3, 0.97, 2][held.length] && held.push(liveBytes()) }),
  )
  expect(scalars).toBeGreaterThan(100_000)
  // two thirds of a file of 11 MB go by in between
  expect(held[1] - held[0]).toBeLessThan(3e6)
})
