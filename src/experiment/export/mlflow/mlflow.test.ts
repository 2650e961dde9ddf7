import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { scratch } from '../../testing/comparable.ts'
import { walk } from '../../testing/walk.ts'
import { readExportedRun } from '../exported-run.ts'
import { quietControl } from '../testing/control.ts'
import { type Listening, listen, normalized, readRecording } from '../testing/exchanges.ts'
import { type FakeMlflow, type Fault, fakeMlflow } from '../testing/fake-mlflow.ts'
import { began, sampleObservations, sampleRun, sampleUnits } from '../testing/sample-run.ts'
import { artifactRoot } from './artifacts.ts'
import { exportMlflow } from './mlflow.ts'
import { MlflowServer, type ServerOptions } from './server.ts'
import { parts } from './values.ts'

let folder = ''
let pauses: number[] = []
let notices: string[] = []
const open: Listening[] = []

beforeEach(() => {
  folder = sampleRun(join(scratch(), 'run'))
  pauses = []
  notices = []
})

afterEach(() => Promise.all(open.splice(0).map((server) => server.close())))

async function fake(...args: Parameters<typeof fakeMlflow>): Promise<FakeMlflow> {
  const server = await fakeMlflow(...args)
  open.push(server)
  return server
}

const serverAt = (url: string, options: Partial<ServerOptions> = {}) =>
  new MlflowServer(url, {
    env: {},
    timeout: 10,
    signal: new AbortController().signal,
    notice: (line) => notices.push(line),
    pause: async (milliseconds) => void pauses.push(milliseconds),
    ...options,
  })

const exportTo = ({ url }: { url: string }, options?: Partial<ServerOptions>) =>
  exportMlflow(readExportedRun(folder, walk()), serverAt(url, options), quietControl({}, notices))

/** All that a server holds, without the ids that it drew. */
const held = ({ runs, files }: FakeMlflow) =>
  normalized([
    {
      ...{ method: '', path: '', status: 0 },
      response: runs
        .map(({ info, metrics, params, tags }) => ({
          info,
          metrics: [...metrics.keys()].sort(),
          params: [...params].sort(),
          tags: [...tags].sort(),
        }))
        .sort((a, b) => String(a.info.run_name).localeCompare(String(b.info.run_name))),
    },
    ...[...files].sort().map(([path, bytes]) => ({ method: 'PUT', path, status: 200, response: bytes.toString('utf8') })),
  ])

/** What a server holds after an export at which nothing went wrong. */
async function undisturbed() {
  const server = await fake()
  await exportTo(server)
  return held(server)
}

describe('what was said to a real MLflow server, and what it answered', () => {
  const recording = readRecording()

  test('is what is said to the stand-in, and what that answers: a first export, and one more', async () => {
    const server = await fake()
    await exportTo(server)
    expect(normalized(server.exchanges)).toEqual(recording.first)
    const from = server.exchanges.length
    await exportTo(server)
    expect(normalized(server.exchanges.slice(from))).toEqual(recording.again)
  })

  test('a param that is too long, one that would change, an experiment that is deleted: one line each', async () => {
    for (const [name, message] of [
      ['tooLong', "the server refuses: 'Param value' exceeds the maximum length of 6000 characters (INVALID_PARAMETER_VALUE)"],
      [
        'changed',
        "the server refuses: Changing param values is not allowed. Params were already logged='[{'key': 'drift', 'old_value': '1', 'new_value': '7'}]' for run ID='run-1'. (INVALID_PARAMETER_VALUE)",
      ],
    ]) {
      const [{ status, response, request }] = recording[name]
      const server = await listen(() => ({ status, body: JSON.stringify(response) }))
      open.push(server)
      await expect(serverAt(server.url).post('mlflow/runs/log-batch', request as object)).rejects.toThrow(`${server.url}: ${message}`)
    }
    const [{ status, response }] = recording.deleted
    const server = await listen(() => ({ status, body: JSON.stringify(response) }))
    open.push(server)
    await expect(exportTo(server)).rejects.toThrow(/its experiment 'walk' is deleted; restore it/)
    expect(pauses).toEqual([])
  })

  test('the stand-in refuses the same', async () => {
    const server = await fake()
    await exportTo(server)
    for (const name of ['tooLong', 'changed']) {
      const [{ request, response }] = recording[name]
      const from = server.exchanges.length
      await expect(
        serverAt(server.url).post('mlflow/runs/log-batch', { ...(request as object), run_id: '1'.padStart(32, '0') }),
      ).rejects.toThrow()
      expect(normalized(server.exchanges.slice(from))[0].response).toEqual(response)
    }
  })
})

describe('what the server holds', () => {
  test('every observation with its time, the arm’s own config, nested in the run', async () => {
    const server = await fake()
    expect(await exportTo(server)).toMatchObject({ units: 3, observations: 18 + 2, artifacts: 5 })
    const [parent, ...nested] = server.runs
    expect(nested).toHaveLength(3)
    for (const { tags, params, metrics, info } of nested) {
      expect(tags.get('mlflow.parentRunId')).toBe(parent.info.run_id)
      const { unit } = sampleUnits.find(({ arm, seed }) => params.get('arm') === arm && params.get('seed') === String(seed))!
      expect(params.get('drift')).toBe(params.get('arm') === 'straight/no-drift' ? '0' : '1')
      expect(info.start_time).toBe(sampleObservations.find((line) => line.unit === unit)!.time)
      expect([...metrics.values()].filter(({ key }) => key === 'place')).toEqual(
        sampleObservations
          .filter((line) => line.unit === unit && line.name === 'place')
          .map(({ value, step, time }) => ({ key: 'place', value, step, timestamp: time })),
      )
      expect([...metrics.values()].filter(({ key }) => key === 'speed _m/s__ _').map(({ value }) => value === 'NaN')).toEqual([
        false,
        unit.includes('no-drift'),
        false,
      ])
    }
  })

  test('a run that goes on: its first half, then the rest', async () => {
    folder = sampleRun(join(scratch(), 'run'), { status: 'running', finished: undefined })
    const server = await fake()
    expect(await exportTo(server)).toMatchObject({ observations: 20 })
    expect(server.runs[0].info.status).toBe('RUNNING')
    const late = { ...sampleObservations[0], unit: sampleUnits[1].unit, step: 4, time: began + 5000 }
    appendFileSync(join(folder, 'metrics.jsonl'), `${JSON.stringify(late)}\n{"torn`)
    expect(await exportTo(server)).toMatchObject({ observations: 1 })
  })

  test('limits: no call is larger than the server takes, and a long param is cut', async () => {
    folder = sampleRun(join(scratch(), 'run'), { config: { long: 'x'.repeat(10_000), list: Array.from({ length: 300 }, (_, i) => i) } })
    const more = Array.from({ length: 2500 }, (_, step) =>
      JSON.stringify({ ...sampleObservations[0], name: 'n'.repeat(240), step: step + 10 }),
    )
    appendFileSync(join(folder, 'metrics.jsonl'), more.join('\n'))
    const server = await fake()
    await exportTo(server)
    expect(server.exchanges.every(({ status }) => status === 200 || status === 404)).toBe(true)
    expect(Math.max(...server.exchanges.map(({ request }) => JSON.stringify(request ?? '').length))).toBeLessThan(1e6)
    expect(server.runs[0].params.get('long')).toMatch(/^x{5900,}… \(10000 characters\)$/)
    expect(server.runs[0].params.get('long')!.length).toBe(6000)
    expect(server.runs[1].tags.get('quire.observations')).toBe(String(6 + 2500 + 2))
  })

  test('parts hold everything in order, within both limits', () =>
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 2000 }), { maxLength: 40 }), fc.integer({ min: 1, max: 10 }), (texts, count) => {
        const entries = texts.map((text) => text.repeat(200))
        const found = parts(entries, count)
        expect(found.flat()).toEqual(entries)
        for (const part of found) {
          expect(part.length).toBeLessThanOrEqual(count)
          expect(part.length === 1 || JSON.stringify(part).length < 1e6).toBe(true)
        }
      }),
      { numRuns: 30 },
    ))

  test.each([
    ['mlflow-artifacts:/1/a/artifacts', '1/a/artifacts'],
    ['mlflow-artifacts://host:5000/1/a', '1/a'],
    ['http://host:5000/api/2.0/mlflow-artifacts/artifacts/1/a', '1/a'],
    ['mlflow-artifacts://other/1/a', undefined],
    ['http://other/api/2.0/mlflow-artifacts/artifacts/1/a', undefined],
    ['s3://bucket/1/a', undefined],
    ['/srv/mlruns/1/a', undefined],
  ])('files whose place is %s', (uri, root) => expect(artifactRoot({ address: 'http://host:5000' }, uri)).toBe(root))

  test('a server that keeps files elsewhere gets none, and that is said', async () => {
    const server = await fake(undefined, 's3://bucket')
    expect(await exportTo(server)).toMatchObject({ artifacts: 0 })
    expect(notices.join()).toContain('no files were exported: the server does not take them')
    expect(server.exchanges.some(({ method }) => method === 'PUT')).toBe(false)
  })
})

describe('when something goes wrong', () => {
  const faults: Fault[] = [{ status: 429 }, { status: 500 }, { status: 503 }, { reset: 'before' }, { reset: 'after' }]

  test('in passing, at any requests: the server holds the same as without, and nothing twice', async () => {
    const expected = await undisturbed()
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.nat({ max: 40 }).map(String), fc.constantFrom(...faults), { maxKeys: 6 }), async (plan) => {
        const server = await fake((request) => plan[request])
        await exportTo(server)
        expect(held(server)).toEqual(expected)
      }),
      { numRuns: 8 },
    )
  })

  test('for good, from any request on: one line; and the same command goes on', async () => {
    const expected = await undisturbed()
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 29 }), fc.constantFrom(...faults), async (from, fault) => {
        let broken = true
        const server = await fake((request) => (broken && request >= from ? fault : undefined))
        await expect(exportTo(server)).rejects.toThrow(/after 6 tries; the same command goes on where this one stopped/)
        broken = false
        await exportTo(server)
        expect(held(server)).toEqual(expected)
      }),
      { numRuns: 6 },
    )
  })

  test('pauses grow, are bounded, and are as long as the server asks for', async () => {
    const server = await fake((request) => (request < 4 ? { status: 429, retryAfter: request === 3 ? '20' : undefined } : undefined))
    await exportTo(server)
    expect(pauses).toEqual([500, 1000, 2000, 20_000])
    await expect(exportTo(await fake(() => ({ status: 503, retryAfter: '9999' })))).rejects.toThrow(/the server answers 503, after 6 tries/)
    expect(Math.max(...pauses)).toBe(60_000)
  })

  test('nobody is there: one line at once', async () => {
    const server = await listen(() => undefined)
    await server.close()
    await expect(exportTo(server)).rejects.toThrow(`${server.url}: no server can be reached there: ECONNREFUSED; check the address`)
    expect(pauses).toEqual([])
  })

  test('a server that does not answer', async () => {
    const server = await listen(() => new Promise(() => {}))
    open.push(server)
    await expect(exportTo(server, { timeout: 0.05 })).rejects.toThrow(/no answer within 0.05 s/)
  })

  test.each([
    ['a web page', { status: 200, body: '<html>' }, /that is no MLflow server: its answer is no JSON/],
    ['a web server without it', { status: 404, body: '<html>' }, /that is no MLflow server: it answers 404/],
    ['a server that does not let in', { status: 401, body: '' }, /does not let you in \(401\); set MLFLOW_TRACKING_TOKEN/],
  ])('%s', async (_, answer, message) => {
    const server = await listen(() => answer)
    open.push(server)
    await expect(exportTo(server)).rejects.toThrow(message)
    expect(server.exchanges).toHaveLength(1)
  })

  test('no other host is contacted: a redirect is not followed', async () => {
    const other = await fake()
    const server = await listen((_, path) => ({ status: 307, body: '', headers: { location: other.url + path } }))
    open.push(server)
    await expect(exportTo(server)).rejects.toThrow(/sends to another address/)
    expect(other.exchanges).toEqual([])
  })
})

describe('credentials', () => {
  test.each([
    [{ MLFLOW_TRACKING_TOKEN: 'secret' }, 'Bearer secret'],
    [{ MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: 'secret' }, `Basic ${Buffer.from('ada:secret').toString('base64')}`],
    [{}, undefined],
  ])('come from the environment: %o', async (env, header) => {
    const server = await fake()
    await exportTo(server, { env })
    expect(new Set(server.credentials)).toEqual(new Set([header]))
    expect(JSON.stringify([server.exchanges, notices])).not.toContain('secret')
  })

  test('are in no message', async () => {
    const server = await listen(() => ({ status: 403, body: '' }))
    open.push(server)
    await expect(exportTo(server, { env: { MLFLOW_TRACKING_TOKEN: 'secret' } })).rejects.not.toThrow(/secret/)
  })

  test('over plain http to another machine, that is said', () => {
    serverAt('http://example.org', { env: { MLFLOW_TRACKING_TOKEN: 'secret' } })
    expect(notices).toEqual(['the credentials go to example.org unencrypted; use https:// where the server has it'])
  })

  test.each(['http://ada:secret@host', 'https://ada@host'])('in the address %s are refused, without repeating it', (address) => {
    expect(() => serverAt(address)).toThrow(/the address holds credentials.*MLFLOW_TRACKING_USERNAME/)
    expect(() => serverAt(address)).not.toThrow(/ada:secret|ada@/)
  })

  test.each(['host:5000', 'databricks', 'ftp://host', ''])("'%s' is no address", (address) => {
    expect(() => serverAt(address)).toThrow(/no http:\/\/ or https:\/\/ address; for example/)
  })
})
