import { InputError } from '../../../engine/errors.ts'
import { type MlflowServer, Refused } from './server.ts'
import { type Entry, limits, type Metric, parts } from './values.ts'

/** A run as the server has it. */
interface RunAnswer {
  readonly info: { readonly run_id: string; readonly artifact_uri?: string }
  readonly data: { readonly metrics?: readonly Metric[]; readonly params?: readonly Entry[]; readonly tags?: readonly Entry[] }
}

export interface NewRun {
  /** The value of the tag `quire.id`, by which it is found again. */
  readonly id: string
  readonly name: string
  readonly start: number
  readonly tags: readonly Entry[]
}

/** The experiment of a name, made where there is none. */
export async function experimentId(server: MlflowServer, name: string): Promise<string> {
  const found = async () => {
    const answer = (await server.once('GET', `mlflow/experiments/get-by-name?${new URLSearchParams({ experiment_name: name })}`)) as {
      experiment: { experiment_id: string; lifecycle_stage: string }
    }
    if (answer.experiment.lifecycle_stage === 'deleted')
      throw new InputError(`its experiment '${name}' is deleted`, {
        where: server.address,
        fix: 'restore it (mlflow experiments restore), or purge it (mlflow gc)',
      })
    return answer.experiment.experiment_id
  }
  return server.retrying(async () => {
    try {
      return await found()
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== 'RESOURCE_DOES_NOT_EXIST') throw error
      const made = (await server.once('POST', 'mlflow/experiments/create', { name })) as { experiment_id: string }
      return made.experiment_id
    }
  })
}

/** The runs of an experiment that carry a tag, by their `quire.id`. */
export async function findRuns(server: MlflowServer, experiment: string, key: string, value: string): Promise<Map<string, StoredRun>> {
  const found = new Map<string, StoredRun>()
  for (let page: string | undefined; ; ) {
    const answer = (await server.once('POST', 'mlflow/runs/search', {
      experiment_ids: [experiment],
      filter: `tags.\`${key}\` = '${value}'`,
      max_results: 1000,
      ...(page && { page_token: page }),
    })) as { runs?: RunAnswer[]; next_page_token?: string }
    for (const run of answer.runs ?? []) {
      const stored = new StoredRun(server, run)
      const id = stored.tag('quire.id')
      if (id !== undefined) found.set(id, stored)
    }
    page = answer.next_page_token
    if (!page) return found
  }
}

/**
 * Makes a run. Where the answer was lost, the run may be there all the same: before it is made again it is looked for, so that it is never there twice.
 */
export function createRun(server: MlflowServer, experiment: string, { id, name, start, tags }: NewRun): Promise<StoredRun> {
  let tried = false
  return server.retrying(async () => {
    const before = tried ? (await findRuns(server, experiment, 'quire.id', id)).get(id) : undefined
    if (before) return before
    tried = true
    const body = {
      experiment_id: experiment,
      run_name: name,
      start_time: Math.round(start),
      tags: [{ key: 'quire.id', value: id }, ...tags],
    }
    const { run } = (await server.once('POST', 'mlflow/runs/create', body)) as { run: RunAnswer }
    return new StoredRun(server, run)
  })
}

/** A run on the server, and what of it is there already. */
export class StoredRun {
  readonly id: string
  readonly artifacts: string
  readonly #server: MlflowServer
  readonly #params: ReadonlyMap<string, string>
  readonly #metrics: ReadonlyMap<string, Metric>
  readonly #tags: Map<string, string>

  constructor(server: MlflowServer, { info, data }: RunAnswer) {
    this.#server = server
    this.id = info.run_id
    this.artifacts = info.artifact_uri ?? ''
    this.#params = new Map((data.params ?? []).map(({ key, value }) => [key, value]))
    this.#metrics = new Map((data.metrics ?? []).map((metric) => [metric.key, metric]))
    this.#tags = new Map((data.tags ?? []).map(({ key, value }) => [key, value]))
  }

  tag(key: string): string | undefined {
    return this.#tags.get(key)
  }

  async #log(batch: { metrics?: readonly Metric[]; params?: readonly Entry[]; tags?: readonly Entry[] }): Promise<void> {
    await this.#server.post('mlflow/runs/log-batch', { run_id: this.id, ...batch })
  }

  /** Logs the params that are not there yet; one that is cannot be changed. Returns the names of those that are there with another value. */
  async logParams(params: readonly Entry[]): Promise<string[]> {
    const missing = params.filter(({ key }) => !this.#params.has(key))
    for (const part of parts(missing, limits.params)) await this.#log({ params: part })
    return params.flatMap(({ key, value }) => (this.#params.has(key) && this.#params.get(key) !== value ? [key] : []))
  }

  /** Sets the tags that are not so yet. */
  async setTags(tags: readonly Entry[]): Promise<void> {
    for (const part of parts(
      tags.filter(({ key, value }) => this.#tags.get(key) !== value),
      limits.tags,
    )) {
      await this.#log({ tags: part })
      for (const { key, value } of part) this.#tags.set(key, value)
    }
  }

  /** Logs metrics of one value each, unless that value is there. */
  async logFinal(metrics: readonly Metric[]): Promise<void> {
    const missing = metrics.filter(({ key, value }) => this.#metrics.get(key)?.value !== value)
    for (const part of parts(missing, limits.metrics)) await this.#log({ metrics: part })
  }

  /** Logs the next points of curves, and with them, in the same call, how many there are now. */
  async logPoints(metrics: readonly Metric[], total: number): Promise<void> {
    let left = metrics.length
    for (const part of parts(metrics, limits.metrics - 1)) {
      left -= part.length
      await this.#log({ metrics: part, tags: [{ key: pointsTag, value: String(total - left) }] })
    }
    this.#tags.set(pointsTag, String(total))
  }

  /** How many points an earlier export logged. */
  get points(): number {
    return Number(this.tag(pointsTag) ?? 0)
  }

  async update(status: 'RUNNING' | 'FINISHED' | 'FAILED', end?: number): Promise<void> {
    await this.#server.post('mlflow/runs/update', { run_id: this.id, status, ...(end !== undefined && { end_time: Math.round(end) }) })
  }
}

const pointsTag = 'quire.observations'
