import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { InputError } from '../../engine/errors.ts'
import { readJson, writeAtomically, writeJson } from '../run/disk.ts'
import { type SlurmJob, type SlurmRequest, sbatchFile } from './sbatch.ts'

/** `launch.json`: the jobs that work on a shared run, the newest last. */
export interface LaunchRecord {
  readonly launcher: 'slurm'
  readonly jobs: readonly SubmittedJob[]
}

export interface SubmittedJob {
  readonly job: string
  /** Where several clusters answer to one sbatch. */
  readonly cluster?: string
  readonly seeds: readonly number[]
  readonly submitted: string
}

const launchPath = (folder: string): string => join(folder, 'launch.json')
const scriptName = 'job.sbatch'

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

/** Writes the sbatch file into the run's folder and submits it from there. */
export function submit(job: SlurmJob, request: SlurmRequest): SubmittedJob {
  writeAtomically(join(job.folder, scriptName), sbatchFile(job, request))
  const answer = slurm('sbatch', ['--parsable', scriptName], job.folder)
  if (!answer)
    throw new InputError('there is no sbatch here', {
      where: '--launcher slurm',
      fix: 'call it where Slurm is, or look at the file with --print',
    })
  if (!answer.ok) throw new InputError(`Slurm refuses: ${answer.text.replace(/^sbatch: (error: )?/, '')}`, { where: 'sbatch' })
  const [id, cluster] = answer.text.trim().split('\n').at(-1)!.split(';')
  const submitted: SubmittedJob = { job: id, ...(cluster && { cluster }), seeds: job.seeds, submitted: new Date().toISOString() }
  const before = readLaunch(job.folder)?.jobs ?? []
  writeJson(launchPath(job.folder), { launcher: 'slurm', jobs: [...before, submitted] } satisfies LaunchRecord)
  return submitted
}
