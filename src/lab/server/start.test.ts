import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { comparable } from '../../experiment/testing/comparable.ts'
import type { Problem, RunEvent, RunPage, Started } from '../api.ts'
import { allEvents, eventsOf, testLab, walked } from './testing/lab.ts'

const lab = testLab()
const { root, get, json, post } = lab

const startedBy = async (response: Response): Promise<string> => {
  expect([response.status, response.ok ? '' : await response.clone().text()]).toEqual([response.status, ''])
  return ((await response.json()) as Started).path
}
const pageOf = (path: string) => json(`/api/runs/${path}`) as Promise<RunPage>

test('a run goes from its start to a judged claim, is stopped on the way, resumed, and ends with the numbers of a run left alone', async () => {
  const path = await startedBy(await post('/api/runs', { method: 'walk', preset: 'small', seeds: [0, 1, 2], settings: { steps: '40' } }))
  const kinds: string[] = []
  for await (const { event } of eventsOf(await get(`/api/runs/${path}/events`))) {
    kinds.push(event.kind)
    if (event.kind !== 'state' || event.card.status !== 'running') continue
    expect(event.units.map(({ state }) => state)).toContain('training')
    const { can, command, said } = await pageOf(path)
    if (kinds.filter((kind) => kind === 'observations').length < 2) continue
    expect(can).toEqual({ stop: true, resume: false })
    expect(command).toBe(`npx quire run --like ${root}/${path}`)
    expect(said).toBeTruthy()
    expect((await post(`/api/runs/${path}/resume`)).status).toBe(409)
    expect((await post(`/api/runs/${path}/stop`)).status).toBe(200)
    break
  }
  const stopped = await endOf(path)
  expect(stopped.card).toMatchObject({ status: 'interrupted', id: path.split('/')[1] })
  expect(stopped.card.done).toBeLessThan(1)
  const page = await pageOf(path)
  expect(page.can).toEqual({ stop: false, resume: true })
  expect(page.resume).toBe(`npx quire run walk --resume ${root}/${path}`)
  expect(page.said).toContain('interrupted')
  expect((await post(`/api/runs/${path}/stop`)).status).toBe(409)

  expect(await startedBy(await post(`/api/runs/${path}/resume`))).toBe(path)
  const ended = await endOf(path)
  expect(ended.card).toMatchObject({ status: 'complete', outcome: 'holds', verdicts: { moves: 'holds', faster: 'holds' } })
  const { report, settings, artifacts, can } = await pageOf(path)
  expect(report).toMatchObject({ outcome: 'holds', resumed: 1, seeds: [0, 1, 2] })
  expect(settings).toEqual({ steps: 40 })
  expect(can).toEqual({ stop: false, resume: false })
  expect(artifacts).toContainEqual({
    path: 'artifacts/place.svg',
    kind: 'image',
    bytes: expect.any(Number),
    size: { width: expect.any(Number), height: expect.any(Number) },
    title: { en: 'The way', zh: '路程' },
    inChinese: 'artifacts/place.zh.svg',
  })
  const alone = await walked(root, 'alone', { settings: { steps: 40 } })
  expect(comparable(join(root, path))).toEqual(comparable(alone))
}, 120_000)

/** The last state of a run. */
async function endOf(path: string): Promise<Extract<RunEvent, { kind: 'state' }>> {
  const events = await allEvents(await get(`/api/runs/${path}/events`))
  expect(events.at(-1)!.event.kind).toBe('end')
  return events.map(({ event }) => event).findLast((event) => event.kind === 'state')!
}

describe('what the command line would refuse is refused before anything is started, in one line', () => {
  test.each([
    [{ method: 'wlak', preset: 'small' }, /unknown method 'wlak'.*did you mean 'walk'/],
    [{ method: 'walk', preset: 'large' }, /preset/],
    [{ method: 'walk', preset: 'small', settings: { stpes: '3' } }, /unknown config key 'stpes'.*did you mean 'steps'/],
    [{ method: 'walk', preset: 'small', settings: { steps: 'many' } }, /'many' is not a value.*--set steps/],
    [{ method: 'walk', preset: 'small', settings: { steps: '-1' } }, /'-1' is not a value/],
    [{ method: 'walk', preset: 'small', settings: { shape: 'square' } }, /one of straight, round/],
    [{ method: 'walk', preset: 'small', settings: { noise: '3' } }, /is a group.*noise.scale/],
    [{ method: 'walk', preset: 'small', settings: { 'steps=3 --out': '/etc' } }, /'3 --out=\/etc' is not a value/],
    [{ method: 'walk', preset: 'small', settings: { steps: '3\0' } }, /NUL/],
    [{ method: 'walk', preset: 'small', settings: { __proto__: '1', constructor: '1' } }, /unknown config key 'constructor'/],
    [{ method: 'walk', preset: 'small', settings: { steps: 3 } }, /settings\.steps/],
    [{ method: 'walk', preset: 'small', seeds: [3, 5] }, /3, 5 are not the first seeds, nor one/],
    [{ method: 'walk', preset: 'small', seeds: [] }, /seeds/],
    [{ method: 'walk', preset: 'small', seeds: [-1] }, /seeds/],
    [{ method: 'walk', preset: 'small', seeds: [0.5] }, /seeds/],
    [{ method: '--help', preset: 'small' }, /unknown method/],
    [{ method: '../walk', preset: 'small' }, /unknown method/],
  ])('%j', async (body, expected) => {
    const before = existsSync(join(root, 'walk')) ? readdirSync(join(root, 'walk')) : []
    const response = await post('/api/runs', body)
    expect(response.status).toBe(400)
    const { error } = (await response.json()) as Problem
    expect([error.message, error.where, error.fix].join(' · ')).toMatch(expected)
    expect(Object.values(error).join('')).not.toContain('\n')
    expect(existsSync(join(root, 'walk')) ? readdirSync(join(root, 'walk')) : []).toEqual(before)
  })
})

describe('a run that ends before it has begun', () => {
  afterEach(() => void delete process.env.QUIRE_DATA)

  test('says why: its data are not there', async () => {
    process.env.QUIRE_DATA = join(root, 'no-such-data')
    const response = await post('/api/runs', { method: 'walk', preset: 'smoke' })
    // Either its folder was seen before its data were refused, or not.
    const path = response.ok ? ((await response.json()) as Started).path : ((await response.json()) as Problem).error.where!
    for (let left = 200; left > 0 && existsSync(join(root, path)); left--) await new Promise((resolve) => setTimeout(resolve, 50))
    const page = await get(`/api/runs/${path}`)
    expect(page.status).toBe(404)
    expect(((await page.json()) as Problem).error.message).toMatch(
      /^it ended before it began: .*no-such-data: there is no such folder or file/,
    )
  }, 60_000)

  test('says why: there is no such program', async () => {
    const broken = testLab({ root, command: [join(root, 'no-such-program')] })
    const response = await broken.post('/api/runs', { method: 'walk', preset: 'smoke' })
    expect(response.status).toBe(409)
    expect(((await response.json()) as Problem).error.message).toContain('ENOENT')
  })
})

test('a run of another machine, or of a process that cannot be told from others, is not stopped from here', async () => {
  const folder = await walked(root, 'elsewhere')
  const run = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ ...run, status: 'running' }))
  // A lock that anybody can have written must not send a signal to this very process.
  for (const lock of [
    { pid: process.pid, host: 'another-machine' },
    { pid: process.pid, host: hostname() },
  ]) {
    writeFileSync(join(folder, 'lock'), JSON.stringify(lock))
    expect((await pageOf('walk/elsewhere')).can.stop).toBe(false)
    expect((await post('/api/runs/walk/elsewhere/stop')).status).toBe(409)
  }
})
