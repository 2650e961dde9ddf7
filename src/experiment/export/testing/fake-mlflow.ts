import { type Answer, type Listening, listen } from './exchanges.ts'

/* A stand-in for an MLflow tracking server: what it answers is compared with what a real one answered (fake-mlflow.test.ts). */

interface Metric {
  readonly key: string
  readonly value: number | string
  readonly timestamp: number
  readonly step: number
}

interface Entry {
  readonly key: string
  readonly value: string
}

interface Stored {
  readonly info: Record<string, unknown> & { readonly run_id: string }
  /** By their whole text: like the database of a real server, it keeps equal points once. */
  readonly metrics: Map<string, Metric>
  readonly params: Map<string, string>
  readonly tags: Map<string, string>
}

export interface Fault {
  /** Answers with this status and does nothing. */
  readonly status?: number
  readonly retryAfter?: string
  /** Breaks the connection, before the request is done or after. */
  readonly reset?: 'before' | 'after'
}

export interface FakeMlflow extends Listening {
  readonly runs: Stored[]
  /** Files by their path under the artifact route. */
  readonly files: Map<string, Buffer>
  /** The `authorization` of every request. */
  readonly credentials: (string | undefined)[]
}

/** Requests are counted from 0; `fault` says what goes wrong at each, if anything does. */
export async function fakeMlflow(
  fault: (request: number) => Fault | undefined = () => undefined,
  artifacts = 'mlflow-artifacts:/1',
): Promise<FakeMlflow> {
  const state = new State(artifacts)
  const credentials: (string | undefined)[] = []
  const server = await listen((method, path, body, headers) => {
    const { status, retryAfter, reset } = fault(credentials.push(headers.authorization) - 1) ?? {}
    if (reset === 'before') return undefined
    if (status) return { status, body: 'busy', headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter } }
    const answer = state.answer(method, path, body)
    return reset === 'after' ? undefined : answer
  })
  return { ...server, runs: state.runs, files: state.files, credentials }
}

const ok = (value: unknown): Answer => ({ status: 200, body: JSON.stringify(value) })

const refusal = (status: number, code: string, kind: string, message: string): Answer => ({
  status,
  body: JSON.stringify({ error_code: code, message, sqlstate: 'KAM00', error_class: kind }),
})

class State {
  readonly runs: Stored[] = []
  readonly files = new Map<string, Buffer>()
  readonly #artifacts: string
  #experiment?: string

  constructor(artifacts: string) {
    this.#artifacts = artifacts
  }

  answer(method: string, path: string, body: Buffer): Answer {
    const url = new URL(path, 'http://localhost')
    const route = `${method} ${url.pathname.replace('/api/2.0/', '')}`
    if (route.startsWith('PUT mlflow-artifacts/artifacts/')) {
      this.files.set(decodeURIComponent(url.pathname.split('/artifacts/').slice(1).join('/artifacts/')), body)
      return { status: 200, body: '' }
    }
    const request = body.length ? JSON.parse(body.toString('utf8')) : {}
    if (route === 'GET mlflow/experiments/get-by-name') return this.#experimentByName(url.searchParams.get('experiment_name')!)
    if (route === 'POST mlflow/experiments/create') {
      this.#experiment = request.name
      return ok({ experiment_id: '1' })
    }
    if (route === 'POST mlflow/runs/search') return this.#search(request.filter)
    if (route === 'POST mlflow/runs/create') return this.#create(request)
    if (route === 'POST mlflow/runs/log-batch') return this.#log(request)
    if (route === 'POST mlflow/runs/update') return this.#update(request)
    return refusal(404, 'ENDPOINT_NOT_FOUND', 'NOT_FOUND', route)
  }

  #experimentByName(name: string): Answer {
    if (this.#experiment !== name)
      return refusal(404, 'RESOURCE_DOES_NOT_EXIST', 'RESOURCE_NOT_FOUND', `Could not find experiment with name '${name}'`)
    return ok({
      experiment: { experiment_id: '1', name, artifact_location: this.#artifacts, lifecycle_stage: 'active', workspace: 'default' },
    })
  }

  #search(filter: string): Answer {
    const [, key, value] = /^tags\.`(.*)` = '(.*)'$/.exec(filter)!
    const found = this.runs.filter(({ tags }) => tags.get(key) === value)
    return ok(found.length ? { runs: found.map((run) => described(run)) } : {})
  }

  #create({ run_name, start_time, tags }: { run_name: string; start_time: number; tags: Entry[] }): Answer {
    const id = String(this.runs.length + 1).padStart(32, '0')
    const info = {
      ...{ run_uuid: id, experiment_id: '1', run_name, user_id: '', status: 'RUNNING', start_time },
      ...{ artifact_uri: `${this.#artifacts}/${id}/artifacts`, lifecycle_stage: 'active', run_id: id },
    }
    const all = [...tags, { key: 'mlflow.runName', value: run_name }].map(({ key, value }): [string, string] => [key, value])
    const run: Stored = { info, metrics: new Map(), params: new Map(), tags: new Map(all) }
    this.runs.push(run)
    const { data, inputs } = described(run)
    return ok({ run: { info, data: { tags: data.tags }, inputs } })
  }

  #run = (id: string): Stored => this.runs.find(({ info }) => info.run_id === id)!

  #log({ run_id, metrics = [], params = [], tags = [] }: { run_id: string; metrics?: Metric[]; params?: Entry[]; tags?: Entry[] }): Answer {
    const run = this.#run(run_id)
    if (metrics.length > 1000 || params.length > 100 || tags.length > 100 || metrics.length + params.length + tags.length > 1000)
      return refusal(400, 'INVALID_PARAMETER_VALUE', 'INVALID_PARAMETER_VALUE', 'too many in one call')
    const long = params.find(({ value }) => value.length > 6000)
    if (long)
      return refusal(
        400,
        'INVALID_PARAMETER_VALUE',
        'INVALID_PARAMETER_VALUE',
        "'Param value' exceeds the maximum length of 6000 characters",
      )
    const changed = params.find(({ key, value }) => (run.params.get(key) ?? value) !== value)
    if (changed) return refusal(400, 'INVALID_PARAMETER_VALUE', 'INVALID_PARAMETER_VALUE', changedParam(run, changed))
    for (const metric of metrics) run.metrics.set(JSON.stringify(metric), metric)
    for (const { key, value } of params) run.params.set(key, value)
    for (const { key, value } of tags) run.tags.set(key, value)
    return ok({})
  }

  #update({ run_id, status, end_time }: { run_id: string; status: string; end_time?: number }): Answer {
    const { info } = this.#run(run_id)
    Object.assign(info, { status }, end_time !== undefined && { end_time })
    return ok({ run_info: info })
  }
}

const changedParam = ({ info, params }: Stored, { key, value }: Entry): string =>
  `Changing param values is not allowed. Params were already logged='[{'key': '${key}', 'old_value': '${params.get(key)}', 'new_value': '${value}'}]' for run ID='${info.run_id}'.`

const entries = (map: ReadonlyMap<string, string>): Entry[] => [...map].map(([key, value]) => ({ key, value }))

/** A run as it is listed: with the last value of each metric. */
function described({ info, metrics, params, tags }: Stored) {
  const last = new Map([...metrics.values()].map((metric) => [metric.key, metric]))
  const data = { ...(last.size && { metrics: [...last.values()] }), ...(params.size && { params: entries(params) }), tags: entries(tags) }
  return { info, data, inputs: {}, outputs: {} }
}
