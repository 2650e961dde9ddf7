import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InputError } from '../engine/errors.ts'
import type { Experiment } from '../experiment/definition.ts'
import { shellCommand } from '../experiment/format.ts'
import { queueOf } from '../experiment/launch/queue.ts'
import { parseDuration, type SlurmJob, type SlurmRequest, sbatchFile } from '../experiment/launch/sbatch.ts'
import { createShared } from '../experiment/launch/shared.ts'
import { recordJob, type SubmittedJob, submit } from '../experiment/launch/slurm.ts'
import { folderOf, planRun, refuseOther } from '../experiment/run/plan-run.ts'
import type { RunRequest } from '../experiment/run/request.ts'
import { loadData } from '../experiment/run/run.ts'
import { isShared, readRun } from '../experiment/run/run-folder.ts'
import type { Shell } from './cli.ts'
import type { RunOptions } from './run-request.ts'
import { wholeNumber } from './words.ts'

/** How Quire is started on this machine, by whatever shell. */
const thisQuire = (): string[] => [process.execPath, fileURLToPath(new URL('./main.js', import.meta.url))]

function slurmRequest(options: RunOptions): SlurmRequest {
  const { partition, account, mem, time, arrayLimit, cpus = '1', requeues = '20', sbatchOption = [] } = options
  return {
    partition,
    account,
    mem,
    seconds: time === undefined ? undefined : parseDuration('--time', time),
    cpus: wholeNumber('--cpus', cpus, 1),
    arrayLimit: arrayLimit === undefined ? undefined : wholeNumber('--array-limit', arrayLimit, 1),
    requeues: wholeNumber('--requeues', requeues, 0),
    options: sbatchOption,
  }
}

/** `quire run <method> --launcher slurm`: shares a run out in tasks and returns at once. */
export async function launch(shell: Shell, experiment: Experiment, asked: RunRequest, options: RunOptions): Promise<number> {
  const slurm = slurmRequest(options)
  const jobOf = (folder: string, seeds: readonly number[]): SlurmJob => ({
    method: experiment.method,
    folder: resolve(folder),
    from: process.cwd(),
    seeds,
    quire: thisQuire(),
    workers: Math.max(1, Math.floor(slurm.cpus / (experiment.workers?.threads ?? slurm.cpus))),
  })
  if (options.resume !== undefined) {
    const job = jobOf(options.resume, seedsLeft(experiment, options.resume))
    return options.print ? print(shell, job, slurm) : announce(shell, job, submit(job, slurm), options)
  }
  const record = await planRun(experiment, asked)
  const job = jobOf(folderOf(asked, record), record.seeds)
  if (options.print) return print(shell, job, slurm)
  sbatchFile(job, slurm) // refuses what cannot stand in it before anything is made
  const { provenance: data } = await loadData(experiment, record, shell.terminal.signal, { notice: shell.terminal.err })
  createShared(job.folder, { ...record, data })
  return announce(shell, job, submitOrRemove(job, slurm), options)
}

/** What is refused leaves nothing behind. */
function submitOrRemove(job: SlurmJob, request: SlurmRequest): SubmittedJob {
  try {
    return submit(job, request)
  } catch (error) {
    rmSync(job.folder, { recursive: true, force: true })
    throw error
  }
}

/** The tasks of a run that are not done and with which nothing will go on. */
function seedsLeft(experiment: Experiment, folder: string): number[] {
  refuseOther(experiment, folder, readRun(folder))
  if (!isShared(folder))
    throw new InputError('this run is not shared out in tasks', { where: folder, fix: 'go on with it here, without --launcher' })
  const left = queueOf(folder).tasks.filter(({ state }) => state === 'failed' || state === 'stopped' || state === 'waiting')
  if (!left.length)
    throw new InputError('all its tasks are done, running or queued', { where: folder, fix: `quire runs ${folder} shows them` })
  return left.map(({ seed }) => seed)
}

function print({ terminal }: Shell, job: SlurmJob, slurm: SlurmRequest): number {
  terminal.out(sbatchFile(job, slurm).trimEnd())
  terminal.err(`nothing was made or submitted; the run's folder would be ${job.folder}`)
  return 0
}

function announce({ terminal }: Shell, { method, folder, seeds }: SlurmJob, submitted: SubmittedJob, { json }: RunOptions): number {
  const { job } = submitted
  recordJob(folder, submitted)
  const next = [
    ['quire', 'runs', folder],
    ['tail', '-f', `${folder}/tasks/${seeds[0]}.log`],
    ['scancel', job],
  ].map(shellCommand)
  if (json) terminal.out(JSON.stringify({ method, launcher: 'slurm', job, folder, seeds, next }, null, 2))
  else
    for (const line of [
      `job ${job}, ${seeds.length} ${seeds.length === 1 ? 'task' : 'tasks'}, in ${folder}`,
      ...next.map((line) => `  ${line}`),
    ])
      terminal.out(line)
  return 0
}
