import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { InputError } from '../../engine/errors.ts'
import { scratch } from '../testing/comparable.ts'
import { walk } from '../testing/walk.ts'
import { runExperiment } from './run.ts'
import { listRuns, listRunsInFull } from './run-list.ts'
import { queryRuns, runsWhere } from './run-query.ts'

const count = 204

let template = ''
let root = ''

/** Many runs, made of one: each with a place and a drift of its own. */
beforeAll(async () => {
  template = scratch()
  const { folder } = await runExperiment(walk(), { preset: 'small', folder: join(scratch(), 'run') })
  const [run, report] = ['run.json', 'report.json'].map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
  for (let i = 0; i < count; i++) {
    const own = join(template, 'walk', String(i).padStart(3, '0'))
    mkdirSync(own, { recursive: true })
    const outcome = i % 3 === 0 ? 'fails' : 'holds'
    report.arms[0].measurements.place.mean = i
    writeFileSync(
      join(own, 'run.json'),
      JSON.stringify({ ...run, config: { ...run.config, drift: i / 10 }, status: i % 40 === 39 ? 'running' : 'complete' }),
    )
    if (i % 40 !== 39) writeFileSync(join(own, 'report.json'), JSON.stringify({ ...report, outcome }))
  }
})

const indexFile = () => join(root, '.quire', 'runs.index')
const edit = (path: string, change: (report: { outcome: string; cost: { seconds: number } }) => void) => {
  const report = JSON.parse(readFileSync(path, 'utf8'))
  change(report)
  writeFileSync(path, JSON.stringify(report))
}

describe('the index', () => {
  beforeEach(() => {
    root = join(scratch(), 'runs')
    cpSync(template, root, { recursive: true })
  })

  test('is kept for many runs, and the answer is the same with it', () => {
    const without = listRuns(root)
    expect(without).toHaveLength(count)
    expect(existsSync(indexFile())).toBe(true)
    expect(listRuns(root)).toEqual(without)
  })

  test('is never believed over the files', () => {
    listRuns(root)
    edit(join(root, 'walk', '007', 'report.json'), (report) => void (report.cost.seconds = 1234))
    rmSync(join(root, 'walk', '008'), { recursive: true })
    const runs = listRuns(root)
    expect(runs).toHaveLength(count - 1)
    expect(runs[7]).toMatchObject({ seconds: 1234 })
  })

  test.each<[string, (path: string) => void]>([
    ['cut off', (path) => truncateSync(path, 5000)],
    ['longer', (path) => appendFileSync(path, 'x')],
    ['empty', (path) => truncateSync(path, 0)],
    ['with another number in it', (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('"exitStatus":0', '"exitStatus":1'))],
    ['gone', (path) => rmSync(path)],
  ])('%s is made again, or done without', (_, damage) => {
    const expected = listRuns(root)
    damage(indexFile())
    expect(listRuns(root)).toEqual(expected)
    expect(listRuns(root)).toEqual(expected)
  })

  test('a few changed runs do not make it be written again', () => {
    listRuns(root)
    const before = readFileSync(indexFile())
    edit(join(root, 'walk', '001', 'report.json'), (report) => void (report.cost.seconds = 5))
    listRuns(root)
    expect(readFileSync(indexFile()).equals(before)).toBe(true)
  })

  test('few runs have none', () => {
    for (let i = 100; i < count; i++) rmSync(join(root, 'walk', String(i)), { recursive: true })
    listRuns(root)
    expect(existsSync(join(root, '.quire'))).toBe(false)
  })
})

describe('queries', () => {
  beforeEach(() => void (root = template))

  const folders = (runs: readonly { summary: { folder: string } }[]) => runs.map(({ summary }) => summary.folder)

  test('find what looking at each run finds', async () => {
    const runs = listRunsInFull(root)
    const found = await runsWhere(runs, "method = 'walk' and place > 100 and drift < 20 and outcome = 'holds'")
    const expected = runs.filter((run, i) => run.summary.status === 'complete' && i > 100 && i / 10 < 20 && i % 3 !== 0)
    expect(folders(found)).toEqual(folders(expected))
    expect(found.length).toBeGreaterThan(30)
  })

  test('find what DuckDB finds in the files themselves', async () => {
    const { DuckDBInstance } = await import('@duckdb/node-api')
    const connection = await (await DuckDBInstance.create(':memory:')).connect()
    const reader = await connection.runAndReadAll(
      `SELECT outcome, count(*) AS n, max(cost.seconds) AS seconds FROM read_json('${root}/*/*/report.json', union_by_name = true) GROUP BY ALL ORDER BY ALL`,
    )
    const ours = await queryRuns(
      listRunsInFull(root),
      "SELECT outcome, count(*) AS n, max(seconds) AS seconds FROM runs WHERE status = 'complete' GROUP BY ALL ORDER BY ALL",
    )
    expect(ours).toEqual(reader.getRowObjectsJson())
  })

  test('know every claim', async () => {
    const rows = await queryRuns(
      listRunsInFull(root),
      'SELECT claim, count(*) AS n, max(threshold) AS bar FROM claims GROUP BY ALL ORDER BY ALL',
    )
    expect(rows).toEqual([
      { claim: 'faster', n: String(count - 5), bar: 0.3 },
      { claim: 'moves', n: String(count - 5), bar: 0.8 },
    ])
  })

  test.each([
    ['writing a file', "COPY runs TO 'x.csv'"],
    ['reading one', "SELECT * FROM read_csv('/etc/hostname')"],
    ['attaching one', "ATTACH 'x.db'"],
    ['exporting', "EXPORT DATABASE 'x'"],
    ['unlocking', 'SET enable_external_access = true'],
    ['another table', 'CREATE TABLE mine (x INTEGER)'],
    ['dropping', 'DROP TABLE stored'],
    ['two statements', 'SELECT 1; DROP TABLE stored'],
    ['what is no SQL', 'SELEKT'],
    ['an unknown column', 'SELECT plaice FROM runs'],
  ])('refuse %s in one line', async (_, sql) => {
    const error = await queryRuns(listRunsInFull(join(root, 'walk', '000')), sql).catch((caught) => caught)
    expect(error).toBeInstanceOf(InputError)
    expect(error.message).not.toContain('\n')
  })
})
