import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readExportedRun } from '../src/experiment/export/exported-run.ts'
import { exportMlflow } from '../src/experiment/export/mlflow/mlflow.ts'
import { MlflowServer } from '../src/experiment/export/mlflow/server.ts'
import { quietControl } from '../src/experiment/export/testing/control.ts'
import {
  type Exchange,
  type Listening,
  listen,
  normalized,
  readRecording,
  writeRecording,
} from '../src/experiment/export/testing/exchanges.ts'
import { sampleObservations, sampleRun, sampleUnits } from '../src/experiment/export/testing/sample-run.ts'
import { walk } from '../src/experiment/testing/walk.ts'
import { keep, python, workFolder } from './python.ts'
import { type Service, service } from './service.ts'

/*
 * A run exported to a real MLflow server and read back by MLflow's own client. A proxy between them writes down what was said; it must be what the tests of `npm
 * test` hold against their stand-in for a server. QUIRE_RECORD=1 writes that file anew.
 */

const recorded: Record<string, Exchange[]> = {}
const run = readExportedRun(sampleRun(workFolder('mlflow-run')), walk())

let mlflow: Service
let proxy: Listening
/** The id of the run on the server. */
let parentId = ''

beforeAll(async () => {
  const store = workFolder('mlflow-store')
  rmSync(store, { recursive: true, force: true })
  workFolder('mlflow-store')
  const args = ['--backend-store-uri', `sqlite:///${store}/runs.sqlite`, '--artifacts-destination', join(store, 'files'), '--workers', '1']
  // The server's own jobs are not needed, and long params shall be refused instead of cut.
  const env = { MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false', MLFLOW_TRUNCATE_LONG_VALUES: 'false' }
  mlflow = await service((port) => ['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', `${port}`, ...args], '/health', env)
  proxy = await listen(async (method, path, body) => {
    const headers = { 'content-type': method === 'PUT' ? 'application/octet-stream' : 'application/json' }
    const answer = await fetch(mlflow.url + path, { method, headers, body: body.length ? new Uint8Array(body) : undefined })
    return { status: answer.status, body: await answer.text() }
  })
}, 120_000)

afterAll(async () => {
  await proxy?.close()
  await mlflow?.stop()
})

/** What is said while something is done. */
async function recording(name: string, action: (server: MlflowServer) => Promise<unknown>): Promise<void> {
  const from = proxy.exchanges.length
  await action(new MlflowServer(proxy.url, { env: {}, timeout: 30, signal: new AbortController().signal, notice() {} }))
  recorded[name] = proxy.exchanges.slice(from)
}

interface Seen {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly start: number
  readonly end: number
  readonly params: Record<string, string>
  readonly tags: Record<string, string>
  readonly metrics: Record<string, [step: number, time: number, value: string][]>
  readonly files: string[]
}

const seen = () => python('mlflow_client.py', mlflow.url, 'walk') as { version: string; runs: Seen[]; report: string }

const python64 = (value: number): number | string => (Number.isNaN(value) ? 'nan' : value)

test('MLflow shows the run: params, metric histories, tags, files, nested runs', async () => {
  await recording('first', (server) => exportMlflow(run, server, quietControl()))
  const { runs, version, report } = seen()
  const parent = runs.find(({ tags }) => !('mlflow.parentRunId' in tags))!
  parentId = parent.id
  const nested = runs.filter((one) => one !== parent)
  expect(parent).toMatchObject({
    name: '20260102-030405-abc123',
    status: 'FINISHED',
    params: { drift: '1', 'noise.scale': '0.1', preset: 'small', seeds: '0 1' },
    tags: { 'quire.verdict.moves': 'fails', 'quire.version.quire': '0.1.0', 'quire.data.sha256': 'abc' },
    metrics: { 'claim/moves': [[0, Date.parse(run.run.finished!), '1.1']] },
    files: ['figures/place.svg', 'report.html', 'report.json', 'report.md', 'run.json'],
  })
  expect(report).toBe(readFileSync(join(run.folder, 'report.html'), 'utf8'))
  expect(nested.map(({ name, status }) => [name, status]).sort()).toEqual([
    ['straight/no-drift seed 0', 'FAILED'],
    ['straight/walk seed 0', 'FINISHED'],
    ['straight/walk seed 1', 'FINISHED'],
  ])
  let numbers = 0
  for (const { unit, arm, seed } of sampleUnits) {
    const one = nested.find(({ name }) => name === `${arm} seed ${seed}`)!
    expect(one.tags['mlflow.parentRunId']).toBe(parent.id)
    expect(one.params).toMatchObject({ arm, seed: String(seed), drift: arm === 'straight/no-drift' ? '0' : '1' })
    for (const [name, key] of [
      ['place', 'place'],
      ['speed (m/s), 快', 'speed _m/s__ _'],
    ]) {
      const expected = sampleObservations.filter((line) => line.unit === unit && line.name === name)
      expect(one.metrics[key].map(([step, time, value]) => [step, time, value === 'nan' ? value : Number(value)]).sort()).toEqual(
        expected.map(({ step, time, value }) => [step, time, python64(value ?? Number.NaN)]).sort(),
      )
      numbers += expected.length
    }
  }
  keep('mlflow', {
    version,
    runs: runs.length,
    numbers,
    params: Object.keys(parent.params).length,
    tags: Object.keys(parent.tags).length,
    files: parent.files.length,
  })
})

test('exported again, nothing is there twice', async () => {
  const before = seen()
  await recording('again', (server) => exportMlflow(run, server, quietControl()))
  expect(seen()).toEqual(before)
})

test('what the server refuses', async () => {
  await recording('tooLong', (server) =>
    expect(server.post('mlflow/runs/log-batch', { run_id: parentId, params: [{ key: 'long', value: 'x'.repeat(6001) }] })).rejects.toThrow(
      /INVALID_PARAMETER_VALUE/,
    ),
  )
  await recording('changed', (server) =>
    expect(server.post('mlflow/runs/log-batch', { run_id: parentId, params: [{ key: 'drift', value: '7' }] })).rejects.toThrow(
      /INVALID_PARAMETER_VALUE/,
    ),
  )
  const headers = { 'content-type': 'application/json' }
  await fetch(`${mlflow.url}/api/2.0/mlflow/experiments/delete`, { method: 'POST', headers, body: JSON.stringify({ experiment_id: '1' }) })
  await recording('deleted', (server) => expect(exportMlflow(run, server, quietControl())).rejects.toThrow(/is deleted/))
})

test('what was said is what npm test replays', () => {
  const found = Object.fromEntries(Object.entries(recorded).map(([name, exchanges]) => [name, normalized(exchanges)]))
  if (process.env.QUIRE_RECORD) writeRecording(found)
  expect(found).toEqual(readRecording())
})
