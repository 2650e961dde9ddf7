import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { operations } from '../../experiment/run/disk.ts'
import { lock } from '../../experiment/run/lock.ts'
import { scratch } from '../../experiment/testing/comparable.ts'
import type { Problem, RunCard, RunPage } from '../api.ts'
import { testLab, unfinished, walked, write } from './testing/lab.ts'

const script = '<img src=x onerror=alert(1)>'
const { root, get, json } = testLab()
const cards = () => json('/api/runs') as Promise<RunCard[]>
const cardOf = async (path: string) => (await cards()).find((card) => card.path === path)
const pageOf = (path: string) => json(`/api/runs/${path}`) as Promise<RunPage>

/** Changes a JSON file as nobody but an editor would. */
function edit(path: string, change: (json: Record<string, unknown>) => object): void {
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')))))
}

let whole: string

beforeAll(async () => {
  whole = await walked(root, 'whole')
})

const copy = (id: string): string => {
  const folder = join(root, 'walk', id)
  cpSync(whole, folder, { recursive: true })
  return folder
}

test('a folder that is not there has no runs', async () => {
  expect(await testLab({ root: join(scratch(), 'none') }).json('/api/runs')).toEqual([])
})

describe('a complete run', () => {
  test('is in the list with what it found', async () => {
    expect(await cardOf('walk/whole')).toMatchObject({
      status: 'complete',
      method: 'walk',
      title: 'Walking',
      preset: 'small',
      seeds: [0, 1, 2],
      outcome: 'holds',
      verdicts: { moves: 'holds', faster: 'holds' },
      unitsDone: 10,
      unitsTotal: 10,
    })
  })

  test('has its report, its artifacts and the command that repeats it', async () => {
    const page = await pageOf('walk/whole')
    expect(page.report?.claims.map(({ id }) => id)).toEqual(['moves', 'faster'])
    expect(page.artifacts.map(({ path, kind }) => `${kind} ${path}`)).toEqual(
      expect.arrayContaining([
        'image artifacts/place.svg',
        'text artifacts/straight_walk--seed-0/place.txt',
        'page report.html',
        'text report.md',
      ]),
    )
    expect(page.command).toBe(`npx quire run --like ${whole}`)
    expect(page.config).toMatchObject({ steps: 20, noise: { scale: 0.1 } })
    expect(page).toMatchObject({ can: { stop: false, resume: false } })
  })

  test('that lies in the folder of runs itself is found as well', async () => {
    cpSync(whole, join(root, 'mine'), { recursive: true })
    expect(await cardOf('-/mine')).toMatchObject({ status: 'complete' })
    expect((await pageOf('-/mine')).report?.outcome).toBe('holds')
    expect((await get('/api/runs/-/mine/files/run.json')).status).toBe(200)
    rmSync(join(root, 'mine'), { recursive: true })
  })

  test('without its report says how to get it', async () => {
    rmSync(join(copy('no-report'), 'report.json'))
    expect(await cardOf('walk/no-report')).toMatchObject({
      status: 'complete',
      problem: expect.stringContaining('quire report makes it again'),
    })
    expect((await pageOf('walk/no-report')).report).toBeUndefined()
  })

  test('is still at work while its report is being made', async () => {
    const folder = copy('nearly')
    rmSync(join(folder, 'report.json'))
    const release = lock(folder)
    expect(await cardOf('walk/nearly')).toMatchObject({ status: 'running', done: 1 })
    release()
  })

  test('of a method that is not here is shown, and cannot be gone on with', async () => {
    const folder = copy('foreign')
    edit(join(folder, 'run.json'), (run) => ({ ...run, method: script, status: 'running' }))
    const { card, can, units, resume } = await pageOf('walk/foreign')
    expect(card).toMatchObject({ status: 'interrupted', method: script })
    expect(can).toEqual({ stop: false, resume: false })
    expect(units).toHaveLength(10)
    expect(units[0].label).toBe('straight/walk')
    // What somebody pastes is one word of a shell.
    expect(resume).toContain(`'${script}'`)
  })
})

describe('a complete run with a report of another version', () => {
  type Json = Record<string, unknown>
  const inClaims = (change: Json) => (report: Json) => ({
    ...report,
    claims: (report.claims as Json[]).map((claim) => ({ ...claim, ...change })),
  })

  test.each<[string, (report: Json) => object, string]>([
    ['outcome', (report) => ({ ...report, outcome: 'maybe' }), 'outcome'],
    ['no-outcome', ({ outcome: _, ...report }) => report, 'outcome'],
    ['data', ({ data: _, ...report }) => report, 'data'],
    ['cost', ({ cost: _, ...report }) => report, 'cost'],
    ['verdict', inClaims({ verdict: 'maybe' }), 'claims.0.verdict'],
    ['reason', inClaims({ reason: 'tide' }), 'claims.0.reason'],
    ['statistic', inClaims({ statistic: 'median' }), 'claims.0.statistic'],
    ['measured', inClaims({ measured: null }), 'claims.0.measured'],
    ['controls', ({ controls: _, ...report }) => report, 'controls'],
    ['arms', (report) => ({ ...report, arms: [{}] }), 'arms.0.kind'],
  ])('says so, and is shown without it: %s', async (id, change, where) => {
    edit(join(copy(`other-${id}`), 'report.json'), change)
    const problem = `its report.json is damaged or of another version (${where}); quire report makes it again`
    const card = await cardOf(`walk/other-${id}`)
    expect(card).toMatchObject({ status: 'complete', problem })
    expect(card).not.toHaveProperty('outcome')
    const page = await pageOf(`walk/other-${id}`)
    expect(page).toMatchObject({ card: { status: 'complete', problem }, config: { steps: 20 } })
    expect(page.report).toBeUndefined()
  })

  test('is shown with it, where it is from before other statistics than the mean were judged', async () => {
    const before = ({ claims, ...report }: Json) => ({
      ...report,
      claims: (claims as Json[]).map(({ statistic: _, interval: __, measured, ...claim }) => {
        const { estimate: ___, ...numbers } = measured as Json
        return { ...claim, measured: numbers }
      }),
    })
    edit(join(copy('before'), 'report.json'), before)
    expect(await cardOf('walk/before')).toMatchObject({ status: 'complete', outcome: 'holds' })
    expect((await pageOf('walk/before')).report?.claims).toHaveLength(2)
  })
})

describe('a run whose folder is not there', () => {
  const words = async (id: string, ...lines: string[]) => {
    write(join(root, '.quire', 'logs', `walk--${id}.log`), `${lines.join('\n')}\n`)
    return ((await json(`/api/runs/walk/${id}`)) as Problem).error.message
  }

  test('any more says so, with what its process said last', async () => {
    expect(
      await words('removed', 'data: nothing (none)', '0% 1/10 straight/walk, seed 0', 'quire: units: it cannot be used (ENOENT)'),
    ).toBe('its folder is gone; its process said last: units: it cannot be used (ENOENT)')
  })

  test('since it was refused says why', async () => {
    expect(await words('refused', 'reading nothing', 'quire: --data x: there is no such folder or file')).toBe(
      'it ended before it began: --data x: there is no such folder or file',
    )
  })
})

describe('a run at work', () => {
  test('says which units train, and how far it is', async () => {
    const folder = copy('working')
    edit(join(folder, 'run.json'), (run) => ({ ...run, status: 'running', atATime: 2 }))
    for (const unit of ['straight_walk--seed-1', 'straight_walk--seed-2', 'straight_slow--seed-2'])
      rmSync(join(folder, 'units', `${unit}.json`))
    expect(await cardOf('walk/working')).toMatchObject({ status: 'interrupted', unitsDone: 7, done: 0.7 })
    const release = lock(folder)
    const { card, units } = await pageOf('walk/working')
    expect(card).toMatchObject({ status: 'running', unitsDone: 7, unitsTotal: 10 })
    expect(card.done).toBeGreaterThanOrEqual(0.7)
    expect(units.filter(({ state }) => state === 'training').map(({ unit }) => unit)).toEqual([
      'straight_walk--seed-1',
      'straight_walk--seed-2',
    ])
    expect(units.find(({ state }) => state === 'waiting')?.unit).toBe('straight_slow--seed-2')
    release()
  })

  test('that diverged says so', async () => {
    await walked(root, 'diverged', { preset: 'smoke', settings: { explode: true } })
    expect((await pageOf('walk/diverged')).units[0]).toMatchObject({ arm: 'straight/walk', state: 'diverged' })
  })
})

const replaceByFolder = (path: string) => {
  rmSync(path)
  mkdirSync(path)
}
const replaceByFile = (path: string) => {
  rmSync(path, { recursive: true })
  writeFileSync(path, '')
}
const replaceByLoop = (path: string) => {
  rmSync(path)
  symlinkSync(path, path)
}

describe('a damaged folder is shown with what is wrong with it', () => {
  test.each([
    ['no-run', (folder: string) => rmSync(join(folder, 'run.json')), /no run\.json/],
    ['empty', (folder: string) => writeFileSync(join(folder, 'run.json'), ''), /no run\.json|not JSON/],
    ['torn', (folder: string) => writeFileSync(join(folder, 'run.json'), '{"schema":1,'), /not JSON/],
    ['null', (folder: string) => writeFileSync(join(folder, 'run.json'), 'null'), /damaged/],
    ['binary', (folder: string) => writeFileSync(join(folder, 'run.json'), Uint8Array.of(0, 255, 254)), /not JSON/],
    ['deep', (folder: string) => writeFileSync(join(folder, 'run.json'), '['.repeat(1e5)), /not JSON/],
    ['future', (folder: string) => edit(join(folder, 'run.json'), (run) => ({ ...run, schema: 9 })), /layout \("schema"\) is 9/],
    ['units', (folder: string) => edit(join(folder, 'run.json'), (run) => ({ ...run, units: [{ unit: '../../x' }] })), /units/],
    ['folder', (folder: string) => replaceByFolder(join(folder, 'run.json')), /cannot be used|run\.json/],
    ['no-units', (folder: string) => replaceByFile(join(unfinished(folder), 'units')), /cannot be used/],
    ['odd-lock', (folder: string) => mkdirSync(join(unfinished(folder), 'lock')), /cannot be used/],
    ['loop', (folder: string) => replaceByLoop(join(folder, 'run.json')), /ELOOP/],
  ])('%s', async (id, damage, expected) => {
    damage(copy(id))
    expect(await cardOf(`walk/${id}`)).toMatchObject({ status: 'damaged', problem: expect.stringMatching(expected) })
    const { card, report, can } = await pageOf(`walk/${id}`)
    expect(card).toMatchObject({ status: 'damaged', problem: expect.stringMatching(expected) })
    expect([report, can]).toEqual([undefined, { stop: false, resume: false }])
  })

  test.each([
    ['report', (folder: string) => writeFileSync(join(folder, 'report.json'), '{"claims":1}')],
    ['figures', (folder: string) => writeFileSync(join(folder, 'artifacts', 'figures.json'), '[null,1,{"id":1},{"id":"a","title":"b"}]')],
    ['unit', (folder: string) => writeFileSync(join(folder, 'units', 'straight_walk--seed-0.json'), '{"unit":1}')],
    ['lock', (folder: string) => writeFileSync(join(folder, 'lock'), '{"pid":"1","host":{}}')],
    ['artifacts', (folder: string) => replaceByFile(join(folder, 'artifacts'))],
    ['metrics', (folder: string) => replaceByFolder(join(folder, 'metrics.jsonl'))],
  ])('and one damaged in another file is shown as far as it can be: %s', async (id, damage) => {
    damage(copy(`part-${id}`))
    expect((await get('/api/runs')).status).toBe(200)
    expect((await get(`/api/runs/walk/part-${id}`)).status).toBe(200)
    expect((await get(`/api/runs/walk/part-${id}/events`)).status).toBe(200)
  })
})

test('a list that is asked for again reads nothing but what has changed', async () => {
  const own = testLab()
  await walked(own.root, 'first')
  await walked(own.root, 'second')
  expect(await own.json('/api/runs')).toHaveLength(2)
  const read = vi.spyOn(operations, 'read')
  expect(await own.json('/api/runs')).toHaveLength(2)
  expect(read).not.toHaveBeenCalled()
  edit(join(own.root, 'walk', 'first', 'report.json'), (report) => ({ ...report, outcome: 'fails' }))
  const again = (await own.json('/api/runs')) as RunCard[]
  expect(again.map(({ path, outcome }) => `${path} ${outcome}`).sort()).toEqual(['walk/first fails', 'walk/second holds'])
  expect(read.mock.calls.every(([path]) => String(path).includes('first'))).toBe(true)
  read.mockRestore()
  renameSync(join(own.root, 'walk', 'second'), join(own.root, 'walk', 'third'))
  expect(((await own.json('/api/runs')) as RunCard[]).map(({ path }) => path).sort()).toEqual(['walk/first', 'walk/third'])
})
