import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createShared, runTask } from '../../experiment/launch/shared.ts'
import { taskOf } from '../../experiment/launch/tasks.ts'
import { planRun } from '../../experiment/run/plan-run.ts'
import { walk } from '../../experiment/testing/walk.ts'
import type { RunPage } from '../api.ts'
import { idOf, nextNews, type Reading, readingOf } from './observed.ts'
import { allEvents, testLab, write } from './testing/lab.ts'

/** A run of three seeds, shared out and not begun. */
async function shared(root: string, id: string): Promise<string> {
  const folder = join(root, 'walk', id)
  createShared(folder, await planRun(walk(), { preset: 'small', folder }))
  return folder
}

/** Lines of all files in an order of their own, as the stream has said them. */
function observed(folder: string, from: Reading): { lines: string[]; reading: Reading } {
  const lines: string[] = []
  for (let reading = from; ; ) {
    const news = nextNews(folder, reading)
    if (news === undefined) return { lines: lines.sort(), reading }
    if (news === 'anew') throw new Error('anew')
    for (const { unit, name, steps } of news.series) lines.push(...steps.map((step) => `${unit} ${name} ${step}`))
    // As it comes back from a browser.
    reading = readingOf(idOf(news.reading))
  }
}

const logged = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map(({ unit, name, step }) => `${unit} ${name} ${step}`)
    .sort()

test('observations of tasks come while they train, nothing twice, and anew once they are gathered', async () => {
  const { root } = testLab()
  const folder = await shared(root, 'one')
  expect(observed(folder, readingOf(undefined)).lines).toEqual([])
  await runTask(walk(), folder, 1)
  const first = observed(folder, readingOf(undefined))
  expect(first.lines).toEqual(logged(join(taskOf(folder, 1).folder, 'metrics.jsonl')))
  await runTask(walk(), folder, 0)
  const second = observed(folder, first.reading)
  expect(second.lines).toEqual(logged(join(taskOf(folder, 0).folder, 'metrics.jsonl')))
  expect(observed(folder, second.reading).lines).toEqual([])
  await runTask(walk(), folder, 2)
  expect(nextNews(folder, second.reading)).toBe('anew')
  expect(observed(folder, readingOf('0')).lines).toEqual(logged(join(folder, 'metrics.jsonl')))
})

test('a task whose file was replaced makes all come anew', async () => {
  const { root } = testLab()
  const folder = await shared(root, 'replaced')
  await runTask(walk(), folder, 0)
  const { reading } = observed(folder, readingOf(undefined))
  const path = join(taskOf(folder, 0).folder, 'metrics.jsonl')
  const [line] = readFileSync(path, 'utf8').split('\n')
  rmSync(path)
  writeFileSync(path, `${line}\n`)
  expect(nextNews(folder, reading)).toBe('anew')
})

test.each(['tasks:', 'tasks:x', 'tasks:1.2', 'tasks:1.-5.2', 'tasks:0.0.0 ~', `tasks:${'9'.repeat(400)}.1.1`, 'nonsense'])(
  'the id %s is the beginning, or one of nothing',
  (id) => {
    const reading = readingOf(id)
    expect(['0', 'tasks:']).toContain(idOf(reading))
  },
)

test('an id too long to come back as a header begins anew', () => {
  const places = new Map(Array.from({ length: 1000 }, (_, seed) => [seed, { offset: 1e9, file: 1e9 }] as const))
  expect(idOf(places)).toBe('0')
})

test('each task is told as quire runs tells it, units as they stand in the tasks’ folders, and what has to be typed elsewhere', async () => {
  const { root, json, get } = testLab()
  const folder = await shared(root, 'queued')
  await runTask(walk(), folder, 0)
  write(join(folder, 'tasks', '1.failed.json'), JSON.stringify({ seed: 1, host: 'x', message: 'out of luck', at: '' }))
  write(join(taskOf(folder, 1).folder, 'run.json'), '{}')
  const page = (await json('/api/runs/walk/queued')) as RunPage
  expect(page.tasks).toEqual({
    jobs: [],
    tasks: [
      { seed: 0, state: 'done' },
      { seed: 1, state: 'failed', reason: 'out of luck' },
      { seed: 2, state: 'waiting' },
    ],
  })
  expect(page.card).toMatchObject({ status: 'interrupted', unitsDone: 4, unitsTotal: 10 })
  expect(page.units.filter(({ state }) => state === 'finished').map(({ seed }) => seed)).toEqual([0, 0, 0, 0])
  const events = await allEvents(await get('/api/runs/walk/queued/events'))
  expect(events.filter(({ event }) => event.kind === 'observations')).toHaveLength(1)
  write(
    join(folder, 'tasks', 'launch.json'),
    JSON.stringify({ launcher: 'slurm', jobs: [{ job: '4711', seeds: [0, 1, 2], submitted: '' }] }),
  )
  const isAnswered = async () => !((await json('/api/runs/walk/queued')) as RunPage).tasks?.isProvisional
  await expect.poll(isAnswered, { timeout: 20_000 }).toBe(true)
  const launched = (await json('/api/runs/walk/queued')) as RunPage
  expect(launched.tasks).toMatchObject({ jobs: ['4711'], submit: expect.stringContaining('--launcher slurm') })
  expect(launched.can.stop).toBe(false)
})

test.each([
  ['it says', (queue: object) => `console.log(${JSON.stringify(JSON.stringify([{ queue }]))})`, 'pending'],
  ['it says nothing that can be read', () => 'console.log("[{")', 'waiting'],
  ['it fails', () => 'process.exit(70)', 'waiting'],
])('what the queue has is asked of quire runs: where %s', async (_, program, state) => {
  const queue = { jobs: ['4711'], tasks: [0, 1, 2].map((seed) => ({ seed, state: 'pending', reason: 'Resources' })) }
  const { root, json } = testLab({ command: [process.execPath, '-e', program(queue), '--'] })
  const folder = await shared(root, 'asked')
  const launch = { launcher: 'slurm', jobs: [{ job: '4711', seeds: [0, 1, 2], submitted: '' }] }
  write(join(folder, 'tasks', 'launch.json'), JSON.stringify(launch))
  const page = async () => (await json('/api/runs/walk/asked')) as RunPage
  const before = await page()
  expect(before.tasks?.tasks[0].state).toBe('waiting')
  expect([before.tasks?.isProvisional, before.tasks?.submit, before.resume, before.can.resume]).toEqual([true, undefined, undefined, false])
  await expect.poll(async () => (await page()).tasks?.isProvisional, { timeout: 20_000 }).toBe(undefined)
  const { tasks, card, can } = await page()
  expect(tasks?.tasks[0].state).toBe(state)
  expect(card.status).toBe(state === 'pending' ? 'running' : 'interrupted')
  expect(tasks).toHaveProperty(state === 'pending' ? 'cancel' : 'submit')
  expect(can).toEqual({ stop: false, resume: state === 'waiting' })
})

test('while somebody works on a task the run goes on, and a torn line waits for its end', async () => {
  const { root } = testLab()
  const folder = await shared(root, 'live')
  await runTask(walk(), folder, 2)
  const path = join(taskOf(folder, 2).folder, 'metrics.jsonl')
  const { reading } = observed(folder, readingOf(undefined))
  appendFileSync(path, '{"unit":"straight_walk--seed-2","name":"place","st')
  expect(nextNews(folder, reading)).toBeUndefined()
  appendFileSync(path, 'ep":99,"value":1,"time":0}\n')
  expect(observed(folder, reading).lines).toEqual(['straight_walk--seed-2 place 99'])
})
