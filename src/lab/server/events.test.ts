import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { Observation } from '../../experiment/run/metrics.ts'
import type { RunEvent } from '../api.ts'
import { allEvents, type Received, testLab, walked } from './testing/lab.ts'

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

test('whoever only asks for the head gets no stream', async () => {
  const { app } = testLab({ root })
  const response = await app.fetch(new Request('http://127.0.0.1/api/runs/walk/one/events', { method: 'HEAD' }))
  expect([response.status, await response.text()]).toEqual([200, ''])
})
