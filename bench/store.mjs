/**
 * .work/partial.json: every measurement so far, under a name like gpt/torch/2/1 (workload, peer, threads, round) or own/memory/gpt. It is written
 * after each, so that a run that was disturbed goes on where it stopped. Measurements of different commits, machines or settings are
 * never mixed.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UsageError } from './options.mjs'

/** The last commit of what is measured or measures, marked where files differ from it. What a run itself writes counts for neither. */
function commit() {
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  const paths = ['--', 'src', 'bench', 'package-lock.json', ':!bench/results']
  const git = (...args) => spawnSync('git', [...args, ...paths], { cwd, encoding: 'utf8' }).stdout?.trim() ?? ''
  return `${git('log', '-1', '--format=%h') || 'unknown'}${git('status', '--porcelain') ? ' with changes' : ''}`
}

export function machine() {
  const cpus = os.cpus()
  return {
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
  }
}

export class Store {
  #path
  #kept

  /** Opens the store for a run: everything that the run is to measure anew is dropped; with `resume` nothing is. Quick runs are not kept. */
  constructor(work, { resume, quick, rounds, seconds, parts, peers, whole }, say) {
    this.#path = quick ? undefined : join(work, 'partial.json')
    const origin = { commit: commit(), machine: machine(), rounds, seconds }
    const old = this.#path && existsSync(this.#path) ? JSON.parse(readFileSync(this.#path, 'utf8')) : undefined
    const differs = old && Object.keys(origin).find((name) => JSON.stringify(old.origin[name]) !== JSON.stringify(origin[name]))
    if (differs && resume) {
      const [was, is] = [old.origin, origin].map((each) => JSON.stringify(each[differs]))
      throw new UsageError(`the measurements so far have another ${differs} (${was}, now ${is}); run without --resume to begin anew`)
    }
    if (differs) say(`the measurements so far have another ${differs}, and are dropped`)
    this.#kept = old && !differs ? old : { origin, finished: [], leftOut: {}, runs: {} }
    if (resume) return
    const anew = (key) => {
      const [first, second] = key.split('/')
      return first === 'own' ? parts.includes(second) : parts.includes(first) && (whole || peers.includes(second))
    }
    for (const key of Object.keys(this.#kept.runs)) if (anew(key)) delete this.#kept.runs[key]
    this.#kept.finished = this.#kept.finished.filter((part) => !parts.includes(part))
  }

  get all() {
    return this.#kept
  }

  /** The measurement of this name, taken now where there is none that succeeded. */
  async measured(key, measure) {
    const found = this.#kept.runs[key]
    if (found && !found.failed) return found
    const start = performance.now()
    const result = await measure()
    this.#kept.runs[key] = { ...result, date: new Date().toISOString(), tookMs: Math.round(performance.now() - start) }
    this.#save()
    return this.#kept.runs[key]
  }

  leaveOut(reasons) {
    this.#kept.leftOut = { ...this.#kept.leftOut, ...reasons }
    this.#save()
  }

  finish(part) {
    this.#kept.finished = [...new Set([...this.#kept.finished, part])]
    this.#save()
  }

  /** The machine's load before a run; of several runs the highest counts. */
  noteLoad(load) {
    this.#kept.load = Math.max(this.#kept.load ?? 0, load)
    this.#save()
  }

  /** Which of these have not been measured in full, for keeps. */
  missing(parts) {
    return this.#path ? parts.filter((part) => !this.#kept.finished.includes(part)) : parts
  }

  #save() {
    if (!this.#path) return
    writeFileSync(`${this.#path}.new`, JSON.stringify(this.#kept))
    renameSync(`${this.#path}.new`, this.#path)
  }
}
