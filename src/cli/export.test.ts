import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { fakeMlflow } from '../experiment/export/testing/fake-mlflow.ts'
import { readFolder } from '../experiment/export/testing/read-events.ts'
import { sampleObservations, sampleRun } from '../experiment/export/testing/sample-run.ts'
import { scratch } from '../experiment/testing/comparable.ts'
import { shell } from './testing/shell.ts'

let folder = ''

beforeEach(() => {
  folder = scratch()
  process.chdir(folder)
})

const words = (line: string): string[] => line.split(' ').filter(Boolean)
const quire = (line: string, more: Parameters<typeof shell>[1] = {}) => shell(['export', ...words(line)], more)

describe('which runs', () => {
  beforeEach(() => {
    sampleRun(join(folder, 'runs/walk/a'), { id: 'a' })
    sampleRun(join(folder, 'runs/walk/b'), { id: 'b' })
    sampleRun(join(folder, 'runs/walk/c'), { id: 'c', status: 'running' })
  })

  test.each([
    ['', ['a', 'b']],
    ['runs/walk/a', ['a']],
    ['runs/walk/a runs/walk/c', ['a', 'c']],
    ['runs/walk', ['a', 'b', 'c']],
    ['runs/walk/a runs/walk/a', ['a']],
  ])("'%s'", async (runs, expected) => {
    const { status, out } = await quire(`${runs} --to tensorboard logs --json`)
    expect(status).toBe(0)
    expect(JSON.parse(out).exported.map(({ run }: { run: string }) => run)).toEqual(expected.map((id) => `walk/${id}`))
    expect(readdirSync('logs/walk').sort()).toEqual(expected)
  })

  test('those that are left out are counted', async () => {
    expect((await quire('--to csv')).err).toContain('1 runs are not complete and left out')
  })
})

describe('where to', () => {
  beforeEach(() => void sampleRun(join(folder, 'run')))

  test('tensorboard: with each arm’s own config, and the command that shows it', async () => {
    const { status, out } = await quire('run --to tensorboard logs')
    expect(status).toBe(0)
    expect(out).toContain('walk/20260102-030405-abc123: 3 units, 22 scalars, 1 images in')
    expect(out).toContain('see them: tensorboard --logdir logs')
    expect(Object.keys(readFolder('logs'))).toHaveLength(4)
  })

  test('csv: to standard output, nothing else is there', async () => {
    for (const line of ['run --to csv', 'run --to csv -']) {
      const { status, out } = await quire(line)
      expect(status).toBe(0)
      expect(out.split('\n')).toHaveLength(1 + sampleObservations.length)
      expect(out.startsWith('method,run,unit,arm,seed,step,name,value,time\r\n')).toBe(true)
    }
    expect((await quire('run --to jsonl - --table claims')).out).toContain('"verdict":"fails"')
  })

  test('csv: a file or a folder', async () => {
    expect((await quire('run --to csv claims.csv --table claims')).out).toBe('1 rows in claims.csv')
    expect(JSON.parse((await quire('run --to csv tables --json')).out).exported).toHaveLength(6)
    expect(readdirSync('tables')).toHaveLength(6)
  })

  test('mlflow: credentials from the environment', async () => {
    const server = await fakeMlflow()
    const { status, out, err } = await quire(`run --to mlflow ${server.url} --timeout 5`, { env: { MLFLOW_TRACKING_TOKEN: 'secret' } })
    await server.close()
    expect(status).toBe(0)
    expect(out).toContain('3 nested runs, 20 new points, 5 files')
    expect(new Set(server.credentials)).toEqual(new Set(['Bearer secret']))
    expect(out + err).not.toContain('secret')
  })

  test('interrupted', async () => {
    const stop = new AbortController()
    stop.abort()
    const { status, err } = await quire('run --to tensorboard logs', { signal: stop.signal })
    expect(status).toBe(130)
    expect(err).toContain('interrupted; the same command goes on')
  })

  test('a run of a method that this quire does not have', async () => {
    sampleRun(join(folder, 'other'), { method: 'unknown' })
    expect((await quire('other --to tensorboard logs')).status).toBe(0)
  })
})

describe('one line on standard error, and nothing on standard output', () => {
  beforeEach(() => {
    sampleRun(join(folder, 'run'))
    mkdirSync('foreign')
    writeFileSync('foreign/metrics.csv', 'mine')
  })

  test.each([
    ['', /it needs --to; for example --to tensorboard logs\//],
    ['run --to', /argument missing/],
    ['run --to tensorbord logs', /unknown kind of export 'tensorbord'; did you mean 'tensorboard'\?/],
    ['run --to tensorboard', /it does not say where to; for example --to tensorboard logs\//],
    ['run --to tensorboard -', /it does not say where to/],
    ['run --to mlflow', /it does not say where to/],
    ['--to tensorboard run', /run: that is a run folder; runs stand before --to: quire export run --to tensorboard logs\//],
    ['--to csv tables run', /'run' is one word too many; runs stand before --to: quire export run --to csv tables\//],
    ['run --to mlflow localhost:5000', /no http:\/\/ or https:\/\/ address/],
    ['run --to mlflow http://ada:secret@host', /the address holds credentials/],
    ['run --to mlflow http://127.0.0.1:9 --timeout none', /--timeout: 'none' is no number of seconds/],
    ['run --to csv --table claim', /unknown table 'claim'; did you mean 'claims'/],
    ['run --to csv --json', /the table goes to standard output already/],
    ['run --to csv foreign', /foreign\/metrics\.csv: there is a file of this name that is no earlier export/],
    ['none --to csv', /none: it is no run folder/],
    ['--to csv', /there is no complete run/],
    ['run --too csv', /unknown option '--too'; did you mean '--to'/],
    ['run --to tensorboard /dev/null/logs', /ENOTDIR/],
  ])('%s', async (line, message) => {
    const { status, out, err } = await quire(line)
    expect(err).toMatch(message)
    expect(err).not.toContain('\n')
    expect(err).not.toContain('ada:secret')
    expect(status).toBe(2)
    expect(out).toBe('')
    expect(existsSync('tables')).toBe(false)
  })
})
