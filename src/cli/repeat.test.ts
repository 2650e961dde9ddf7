import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { scratch } from '../experiment/testing/comparable.ts'
import { shell } from './testing/shell.ts'

let folder = ''
const original = () => join(folder, 'runs', 'walk', 'first')

const words = (line: string): string[] => line.split(' ').filter(Boolean)
const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
const edit = (path: string, change: (value: never) => unknown): void => writeFileSync(path, JSON.stringify(change(json(path) as never)))

/** A run with settings of its own, and the id that run.json gives it. */
async function first(line = '--seeds 2 --set drift=0.9'): Promise<string> {
  await shell(['run', 'walk', '--out', original(), ...words(line)])
  return json(join(original(), 'run.json')).id
}

beforeEach(() => {
  folder = scratch()
  process.chdir(folder)
})

const like = (line: string, more: Parameters<typeof shell>[1] = {}) => shell(words(`run --like ${line}`), more)

describe('quire run --like', () => {
  test('repeats config, seeds and settings by the beginning of an id, and says that every number came again', async () => {
    const id = await first()
    const { out, status } = await like(`${id.slice(0, -3)} --out again`)
    expect(status).toBe(3) // two seeds judge nothing
    // Seven units of two measurements and two curves of 20 points.
    expect(out).toContain(`repeats runs/walk/first: all ${7 * 42} numbers are the same, bit for bit`)
    const [before, now] = [original(), join(folder, 'again')].map((at) => json(join(at, 'run.json')))
    for (const key of ['config', 'seeds', 'settings', 'preset', 'device', 'data']) expect(now[key]).toEqual(before[key])
    expect(now.like).toBe(id)
    expect(now.command).toEqual(['quire', 'run', 'walk', '--like', id.slice(0, -3), '--out', 'again'])
    expect(
      json(join(folder, 'again', 'report.json'))
        .checklist.at(-2)
        .answers.map(({ en }: { en: string }) => en),
    ).toContain(`This run itself repeats the run ${id}.`)
  })

  test('takes the config that was used, not that which the preset would give today', async () => {
    await first('--preset smoke')
    edit(join(original(), 'run.json'), (run: { config: object }) => ({ ...run, config: { ...run.config, steps: 7 } }))
    await like('runs/walk/first --out again')
    expect(json(join(folder, 'again', 'run.json')).config.steps).toBe(7)
  })

  test('says which numbers differ, and by how much', async () => {
    await first()
    const unit = join(original(), 'units', 'straight_walk--seed-0.json')
    edit(unit, (stored: { measurements: { speed: number } }) => ({
      ...stored,
      measurements: { ...stored.measurements, speed: 2 * stored.measurements.speed },
    }))
    const { out } = await like('runs/walk/first --out again')
    expect(out).toMatch(
      /repeats runs\/walk\/first: 1 of 294 numbers differ, most by ratio:\n {2}straight_walk--seed-0: speed: \S+ → \S+ \(50 %\)/,
    )
  })

  test('with --json the agreement is in the document', async () => {
    await first()
    const { repeat } = JSON.parse((await like('runs/walk/first --out again --json')).out)
    expect(repeat).toMatchObject({ of: 'runs/walk/first', identical: true, numbers: 294, differences: [] })
  })

  test('announces what is not as it was', async () => {
    await first()
    edit(join(original(), 'run.json'), (run: { machine: object; versions: object; code: { packages: object } }) => ({
      ...run,
      machine: { ...run.machine, threads: 99 },
      versions: { ...run.versions, node: '1.0.0' },
      code: { ...run.code, packages: { ...run.code.packages, zod: '0.0.1' } },
    }))
    const { err } = await like('runs/walk/first --out again')
    for (const change of ['threads: 99 → ', 'node: 1.0.0 → ', 'zod: 0.0.1 → '])
      expect(err).toContain(`not as in the run that is repeated, so its numbers may differ in the last digits: ${change}`)
  })

  test('refuses other data', async () => {
    await first()
    edit(join(original(), 'run.json'), (run: { data: object }) => ({ ...run, data: { ...run.data, sha256: 'other' } }))
    const { status, err } = await like('runs/walk/first --out again')
    expect(status).toBe(2)
    expect(err.split('\n').at(-1)).toMatch(/^quire: none: the data are not those of the run that is repeated \(nothing\); /)
    expect(readdirSync(folder)).toEqual(['runs'])
  })

  test.each([
    ['first --preset small', /--like repeats the run as it was, without --preset/],
    ['first --seed 1', /without --seed;/],
    ['first --set drift=1', /without --set/],
    ['first --device cpu', /without --device/],
    ['first --resume runs/walk/first', /--resume goes on as the run began, without --like/],
    ['nothing', /nothing: no run folder, and no run whose id begins so; quire runs lists the runs under runs/],
    ['runs/walk/none', /no run folder/],
    ['runs/walk', /runs\/walk: it is no run folder: it has no run\.json/],
  ])('%s', async (line, message) => {
    await first('--preset smoke')
    const { status, err } = await like(line)
    expect(err).toMatch(message)
    expect(err).not.toContain('\n')
    expect(status).toBe(2)
  })

  test('the method may be named, if it is the one', async () => {
    await first('--preset smoke')
    expect((await shell(words('run walk --like runs/walk/first --out again'))).status).toBe(0)
    const { status, err } = await shell(words('run long-jump --like runs/walk/first'))
    expect([status, err]).toEqual([2, 'quire: runs/walk/first: it is a run of walk, not of long-jump; quire run --like runs/walk/first'])
  })

  test('an id that begins like several is refused with all of them', async () => {
    await first('--preset smoke')
    for (const name of ['a', 'b']) {
      await shell(words(`run walk --preset smoke --out runs/walk/${name}`))
      edit(join(folder, 'runs', 'walk', name, 'run.json'), (run: object) => ({ ...run, id: `2099-${name}` }))
    }
    const { status, err } = await like('2099')
    expect(status).toBe(2)
    expect(err).toBe('quire: 2099: 2 runs are called so; name one of runs/walk/a, runs/walk/b')
    expect((await like('2099-a --out again')).status).toBe(0)
  })

  test('data that lie elsewhere by now are looked for where any run looks', async () => {
    mkdirSync('data')
    await first('--preset smoke --data data')
    renameSync('data', 'moved')
    const { status } = await like('runs/walk/first --out again')
    expect(status).toBe(0)
    expect(json(join(folder, 'again', 'run.json')).dataFrom).toBeUndefined()
  })
})

describe('quire report A B', () => {
  const pair = async () => {
    await first('')
    await shell(words('run walk --set drift=0.75 --out slower'))
  }

  test('compares, and exits with 1 where something is lost', async () => {
    await pair()
    const { status, out } = await shell(words('report runs/walk/first slower'))
    expect(status).toBe(1)
    expect(out).toMatch(/^moves +0\.9924 \[.*\] +0\.7424 \[.*\] +-0\.25 \[-0\.25, -0\.25\] +paired by seed +holds → fails$/m)
    expect(out).toMatch(/^drift +1 +0\.75$/m)
    expect(out).toContain('holds in A and not in B: moves, faster')
    expect((await shell(words('report slower runs/walk/first'))).status).toBe(0)
  })

  test('--json and --out together: one document, and a page', async () => {
    await pair()
    const { out } = await shell(words('report runs/walk/first slower --json --out pages/two.html'))
    expect(JSON.parse(out)).toMatchObject({ method: 'walk', a: { folder: 'runs/walk/first' }, lost: ['moves', 'faster'] })
    expect(readFileSync(join(folder, 'pages', 'two.html'), 'utf8')).toContain('<!doctype html>')
  })

  test('--remake makes the reports of two anew instead', async () => {
    await pair()
    writeFileSync(join(original(), 'report.html'), '')
    const { out, status } = await shell(words('report --remake runs/walk/first slower'))
    expect(status).toBe(1)
    expect(out.match(/^report: /gm)).toHaveLength(2)
    expect(readFileSync(join(original(), 'report.html'), 'utf8')).toContain('<!doctype html>')
  })

  test.each([
    ['report runs/walk/first runs/walk/first slower', /two runs are compared, not 3; --remake makes/],
    ['report runs/walk/first --out a.html', /--out is for the comparison of two runs/],
    ['report runs/walk/first slower --out a.pdf', /'a\.pdf' does not end with \.html/],
    ['report runs/walk/first swum', /they are runs of walk and of swim; compare two runs of one method/],
    ['report runs/walk/first half', /half: it has no report\.json that can be read; quire report half makes it/],
  ])('%s', async (line, message) => {
    await first('--preset smoke')
    for (const name of ['slower', 'swum', 'half']) await shell(words(`run walk --preset smoke --out ${name}`))
    edit(join(folder, 'swum', 'report.json'), (report: object) => ({ ...report, method: 'swim' }))
    writeFileSync(join(folder, 'half', 'report.json'), '{')
    const { status, err } = await shell(words(line))
    expect(err).toMatch(message)
    expect(err).not.toContain('\n')
    expect(status).toBe(2)
  })
})
