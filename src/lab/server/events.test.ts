import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { lock } from '../../experiment/run/lock.ts'
import type { Observation } from '../../experiment/run/metrics.ts'
import { pathsOf } from '../../experiment/run/run-folder.ts'
import type { OneOfRuns, RunEvent } from '../api.ts'
import { allEvents, eventsOf, type Received, testLab, unfinished, walked } from './testing/lab.ts'

const { root, get } = testLab()
let logged: Observation[]

beforeAll(async () => {
  const folder = await walked(root, 'one')
  cpSync(folder, join(root, 'walk', 'replaced'), { recursive: true })
  cpSync(folder, join(root, 'walk', 'stopped'), { recursive: true })
  logged = linesOf(readFileSync(join(folder, 'metrics.jsonl'), 'utf8'))
})

const linesOf = (text: string): Observation[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

/** What a page has after these events, as lines again. */
function kept(events: readonly Received[]): string[] {
  let lines: string[] = []
  for (const { event } of events) {
    if (event.kind === 'anew') lines = []
    if (event.kind === 'observations')
      for (const { unit, name, steps, values } of event.series)
        lines.push(...steps.map((step, i) => JSON.stringify([unit, name, step, values[i]])))
  }
  return lines.sort()
}
const keys = (observations: readonly Observation[]) =>
  observations.map(({ unit, name, step, value }) => JSON.stringify([unit, name, step, value])).sort()

test('a complete run is all that it logged, its state, and the end', async () => {
  const response = await get('/api/runs/walk/one/events')
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  expect(response.headers.get('content-encoding')).toBeNull()
  const events = await allEvents(response)
  expect(kept(events)).toEqual(keys(logged))
  const state = events.find(({ event }) => event.kind === 'state')!.event as Extract<RunEvent, { kind: 'state' }>
  expect(state.card).toMatchObject({ status: 'complete', outcome: 'holds', path: 'walk/one', title: 'Walking' })
  expect(state.units).toHaveLength(10)
  expect(state.units[0]).toEqual({
    unit: 'straight_walk--seed-0',
    arm: 'straight/walk',
    label: 'the walk',
    kind: 'method',
    seed: 0,
    state: 'finished',
  })
  expect(events.at(-1)!.event).toEqual({ kind: 'end' })
  expect(Number.parseInt(events.at(-1)!.id, 10)).toBe(readFileSync(join(root, 'walk', 'one', 'metrics.jsonl')).length)
})

test('a reader who comes back gets what it has not had', async () => {
  const path = join(root, 'walk', 'one', 'metrics.jsonl')
  const text = readFileSync(path, 'utf8')
  const half = text.indexOf('\n', text.length / 2) + 1
  const rest = await allEvents(await get('/api/runs/walk/one/events', { 'last-event-id': String(half) }))
  expect(kept(rest)).toEqual(keys(linesOf(text.slice(half))))
  const all = await allEvents(await get('/api/runs/walk/one/events'))
  const none = await allEvents(await get('/api/runs/walk/one/events', { 'last-event-id': all.at(-1)!.id }))
  expect(none.map(({ event }) => event.kind)).toEqual(['state', 'end'])
})

test('a reader of a file that was replaced since begins anew', async () => {
  const path = join(root, 'walk', 'replaced', 'metrics.jsonl')
  const before = await allEvents(await get('/api/runs/walk/replaced/events'))
  rmSync(path)
  writeFileSync(path, `${JSON.stringify(logged[0])}\n`)
  const after = await allEvents(await get('/api/runs/walk/replaced/events', { 'last-event-id': before.at(-1)!.id }))
  expect(after.map(({ event }) => event.kind)).toEqual(['anew', 'observations', 'state', 'end'])
  expect(kept([...before, ...after])).toEqual(keys([logged[0]]))
})

test('a run that was interrupted, and a damaged one, come to an end as well', async () => {
  const folder = join(root, 'walk', 'stopped')
  const run = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ ...run, status: 'running' }))
  const stopped = await allEvents(await get('/api/runs/walk/stopped/events'))
  expect(stopped.map(({ event }) => event.kind)).toEqual(['observations', 'state', 'end'])
  expect(stopped[1].event).toMatchObject({ card: { status: 'interrupted', done: 1 } })
  writeFileSync(join(folder, 'run.json'), '{')
  const damaged = await allEvents(await get('/api/runs/walk/stopped/events'))
  expect(damaged.at(-2)!.event).toMatchObject({ card: { status: 'damaged', problem: expect.stringContaining('not JSON') }, units: [] })
})

describe('several runs in one stream', () => {
  const streamOf = (words: [string, string][]) => get(`/api/events?${new URLSearchParams(words)}`)
  const eventsIn = async (words: [string, string][]) => (await allEvents(await streamOf(words))) as (Received & { event: OneOfRuns })[]

  test('are each what its own stream is, from where its reader was', async () => {
    cpSync(join(root, 'walk', 'one'), join(root, 'walk', 'a&b=c d'), { recursive: true })
    const events = await eventsIn([
      ['run', 'walk/one'],
      ['from', ''],
      ['run', 'walk/a&b=c d'],
      ['from', '0'],
    ])
    const of = (path: string) => events.filter(({ event }) => event.run === path)
    for (const path of ['walk/one', 'walk/a&b=c d']) {
      expect(kept(of(path))).toEqual(keys(logged))
      expect(of(path).at(-1)!.event.kind).toBe('end')
    }
    const words: [string, string][] = [
      ['run', 'walk/one'],
      ['from', of('walk/one').at(-1)!.id],
    ]
    expect((await eventsIn(words)).map(({ event }) => event.kind)).toEqual(['state', 'end'])
  })

  test('of which one is not there, or fails, are streamed all the same', async () => {
    const failing = join(root, 'walk', 'failing')
    cpSync(join(root, 'walk', 'one'), failing, { recursive: true })
    rmSync(join(failing, 'metrics.jsonl'))
    mkdirSync(pathsOf(failing).tasks)
    writeFileSync(join(failing, 'run.json'), '{')
    const paths = ['nowhere/1', '../walk/one', 'walk', '', 'walk/one/units', 'walk/failing', 'walk/one']
    const events = await eventsIn(paths.map((path): [string, string] => ['run', path]))
    const last = new Map(events.map(({ event }) => [event.run, event.kind]))
    expect(Object.fromEntries(last)).toEqual({
      'nowhere/1': 'gone',
      '../walk/one': 'gone',
      walk: 'gone',
      '': 'gone',
      'walk/one/units': 'gone',
      'walk/failing': 'end',
      'walk/one': 'end',
    })
  })
})

test('a run whose folder is removed while it is streamed is gone', async () => {
  const folder = join(root, 'walk', 'removed')
  cpSync(join(root, 'walk', 'one'), folder, { recursive: true })
  unfinished(folder)
  const release = lock(folder)
  const kinds: string[] = []
  for await (const { event } of eventsOf(await get('/api/runs/walk/removed/events'))) {
    kinds.push(event.kind)
    if (event.kind !== 'state') continue
    renameSync(folder, join(root, 'elsewhere'))
  }
  release()
  expect(kinds).toEqual(['observations', 'state', 'gone'])
})

test('whoever only asks for the head gets no stream', async () => {
  const { app } = testLab({ root })
  const response = await app.fetch(new Request('http://127.0.0.1/api/runs/walk/one/events', { method: 'HEAD' }))
  expect([response.status, await response.text()]).toEqual([200, ''])
})
