import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { InputError } from '../../engine/errors.ts'
import { readJson, writeAtomically, writeJson } from '../run/disk.ts'
import { pathsOf } from '../run/run-folder.ts'
import { type SlurmJob, type SlurmRequest, sbatchFile } from './sbatch.ts'

/** `tasks/launch.json`: the jobs that work on a shared run, the newest last. */
export interface LaunchRecord {
  readonly launcher: 'slurm'
  readonly jobs: readonly SubmittedJob[]
}

export interface SubmittedJob {
  readonly job: string
  readonly seeds: readonly number[]
  readonly submitted: string
}

const launchPath = (folder: string): string => join(pathsOf(folder).tasks, 'launch.json')

/** From the run's folder. */
const scriptName = 'tasks/job.sbatch'

export const readLaunch = (folder: string): LaunchRecord | undefined => {
  const record = readJson(launchPath(folder)) as LaunchRecord | undefined
  return Array.isArray(record?.jobs) ? record : undefined
}

/** What a program of Slurm printed, or undefined where the program is not there; its own words where it refuses. */
export function slurm(program: string, words: readonly string[], cwd?: string): { ok: boolean; text: string } | undefined {
  const { error, status, stdout, stderr } = spawnSync(program, words, { cwd, encoding: 'utf8', timeout: 30_000 })
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return undefined
  if (error || status !== 0) return { ok: false, text: inOneLine(stderr || error?.message || `${program} ended with ${status}`) }
  return { ok: true, text: stdout }
}

const inOneLine = (text: string): string => text.trim().replace(/\s*\n\s*/g, '; ')

/** Writes the sbatch file into the run's folder and submits it from there. @throws InputError where Slurm is not there or refuses; then there is no job. */
export function submit(job: SlurmJob, request: SlurmRequest): SubmittedJob {
  writeAtomically(join(job.folder, scriptName), sbatchFile(job, request))
  const answer = slurm('sbatch', ['--parsable', scriptName], job.folder)
  if (!answer)
    throw new InputError('there is no sbatch here', {
      where: '--launcher slurm',
      fix: 'call it where Slurm is, or look at the file with --print',
    })
  if (!answer.ok) throw new InputError(`Slurm refuses: ${answer.text.replace(/^sbatch: (error: )?/, '')}`, { where: 'sbatch' })
  const [id] = answer.text.trim().split('\n').at(-1)!.split(';') // a cluster's name may follow
  return { job: id, seeds: job.seeds, submitted: new Date().toISOString() }
}

/** Keeps for `quire runs` that a job works on a run. */
export function recordJob(folder: string, submitted: SubmittedJob): void {
  const before = readLaunch(folder)?.jobs ?? []
  writeJson(launchPath(folder), { launcher: 'slurm', jobs: [...before, submitted] } satisfies LaunchRecord)
}
