import { InputError } from '../../engine/errors.ts'
import { oneLine, quoted, shellCommand } from '../format.ts'

/** What Slurm is asked for. */
export interface SlurmRequest {
  readonly partition?: string
  readonly account?: string
  /** Processors of each task. */
  readonly cpus: number
  /** Memory of each task as Slurm writes it, such as `8G`. */
  readonly mem?: string
  /** Seconds after which Slurm ends a task; the partition's own limit where it is left out. */
  readonly seconds?: number
  /** Tasks that may run at a time. */
  readonly arrayLimit?: number
  /** How often a task that was stopped may queue again. */
  readonly requeues: number
  /** More of sbatch's own options, such as `gres=gpu:1` or `exclusive`. */
  readonly options: readonly string[]
}

/** What the array works on. */
export interface SlurmJob {
  readonly method: string
  /** The run's folder, absolute. */
  readonly folder: string
  /** Where the tasks work: the folder in which the user is, as data are looked for beside it. */
  readonly from: string
  /** The tasks, by their seeds. */
  readonly seeds: readonly number[]
  /** How Quire is started here, such as ['/usr/bin/node', '/home/me/node_modules/quire/dist/cli/main.js']. */
  readonly quire: readonly string[]
  /** Units that a task trains at a time. */
  readonly workers: number
}

/** Seconds before the time limit at which a task stops: a tenth of it, at most two minutes. */
export const noticeBefore = (seconds?: number): number => (seconds === undefined ? 120 : Math.min(120, Math.ceil(seconds / 10)))

/**
 * The sbatch file of a job array, a task a seed. Its directives hold no path: Slurm would read `%` and `\\` in one as patterns. Paths stand in the body, quoted
 * for the shell; Slurm's options are quoted as sbatch reads them, and cannot leave their line.
 */
export function sbatchFile(job: SlurmJob, request: SlurmRequest): string {
  const notice = noticeBefore(request.seconds)
  const run = ['run', job.method, '--resume'].join(' ')
  return `#!/bin/bash
# A task a seed of a run of ${job.method}, in the folder
# ${oneLine(job.folder)}
# Written by quire; what is missing is submitted again by: quire run ${job.method} --resume FOLDER --launcher slurm
${directives(job, request, notice).join('\n')}

quire=(${shellCommand(job.quire)})
run=${quoted(job.folder)}
exec >>"$run/tasks/$SLURM_ARRAY_TASK_ID.log" 2>&1
cd ${quoted(job.from)} || exit
export QUIRE_WORKERS=${job.workers}

# The task's own clock, where Slurm says when it ends: signals come late or not at all on some clusters.
${clock(request.seconds)}
left=()
if [ -n "$end" ]; then
  seconds=$((end - $(date +%s) - ${notice}))
  left=(--stop-after "$((seconds > 1 ? seconds : 1))s")
fi

again=yes
stop() { kill -TERM "$!" 2>/dev/null; }
trap stop USR1             # the time limit is near
trap 'again=no; stop' TERM # preempted, so that Slurm itself queues it again, or cancelled
"\${quire[@]}" ${run} "$run" --task "$SLURM_ARRAY_TASK_ID" "\${left[@]}" &
while kill -0 "$!" 2>/dev/null; do wait "$!"; done # a signal ends wait, not the task
wait "$!"
status=$?

# 130: stopped at a step, to go on from the newest checkpoint; 143: before it could listen. Any other failure stays one.
if [[ "$status" = 130 || "$status" = 143 ]] && [ "$again" = yes ] && [ "\${SLURM_RESTART_COUNT:-0}" -lt ${request.requeues} ]; then
  echo "stopped, and queued again to go on: \${SLURM_RESTART_COUNT:-0} restarts of ${request.requeues}"
  exec scontrol requeue "\${SLURM_ARRAY_JOB_ID}_\${SLURM_ARRAY_TASK_ID}"
fi
exit "$status"
`
}

const clock = (seconds?: number): string => {
  const limit = seconds === undefined ? '' : `$(($(date +%s) + ${seconds}))`
  return `end=\${SLURM_JOB_END_TIME:-${limit}}`
}

function directives({ method, seeds }: SlurmJob, request: SlurmRequest, notice: number): string[] {
  const { partition, account, cpus, mem, seconds, arrayLimit, options } = request
  const array = ranges(seeds) + (arrayLimit === undefined ? '' : `%${arrayLimit}`)
  const given: [string, string | undefined][] = [
    ['job-name', `quire-${method}`],
    ['array', array],
    ['partition', partition],
    ['account', account],
    ['time', seconds === undefined ? undefined : slurmTime(seconds)],
    ['cpus-per-task', String(cpus)],
    ['mem', mem],
    ['output', '/dev/null'], // the body writes the log: Slurm would read % in the folder's name as a pattern
    ['signal', `B:USR1@${notice}`],
  ]
  const own = given.flatMap(([name, value]) => (value === undefined ? [] : [directive(name, value)]))
  return [...own, '#SBATCH --requeue', ...options.map(ownDirective)]
}

/** An option in the user's words: `gres=gpu:1`, `--gres=gpu:1` or `exclusive`. */
function ownDirective(option: string): string {
  const [, name, value] = /^(?:--)?([a-z][a-z0-9-]*)(?:=(.*))?$/s.exec(option) ?? []
  if (name === undefined)
    throw new InputError(`'${option}' is no option of sbatch`, { where: '--sbatch-option', fix: 'for example --sbatch-option gres=gpu:1' })
  return value === undefined ? `#SBATCH --${name}` : directive(name, value)
}

function directive(name: string, value: string): string {
  if (value === '' || oneLine(value) !== value)
    throw new InputError(`'${oneLine(value)}' cannot stand in an sbatch file`, { where: `--${name}`, fix: 'give one line of text' })
  return `#SBATCH --${name}=${/^[\w@%+:,./=-]+$/.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`}`
}

/** @example ranges([0, 1, 2, 5, 7, 8])   // '0-2,5,7-8' */
export function ranges(numbers: readonly number[]): string {
  const runs: [number, number][] = []
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = runs.at(-1)
    if (last && number === last[1] + 1) last[1] = number
    else runs.push([number, number])
  }
  return runs.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(',')
}

/** Slurm's form of a time: it counts whole minutes, so that seconds are rounded up to them. */
export function slurmTime(seconds: number): string {
  const minutes = Math.ceil(seconds / 60)
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24]
  const two = (value: number) => String(value).padStart(2, '0')
  return `${days ? `${days}-` : ''}${two(hours)}:${two(minutes % 60)}:00`
}

const unitSeconds: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 }

/**
 * Seconds of a duration: `90s`, `30m`, `2h`, `1d`, `1h30m`, or one of Slurm's forms: minutes, MM:SS, HH:MM:SS, D-HH, D-HH:MM, D-HH:MM:SS.
 * @example parseDuration('--time', '2h')   // 7200
 */
export function parseDuration(option: string, text: string): number {
  const seconds = inUnits(text) ?? inSlurmForm(text)
  if (seconds === undefined || seconds < 1 || !Number.isSafeInteger(seconds))
    throw new InputError(`'${text}' is not a duration`, { where: option, fix: `for example ${option} 2h, 90m or 1-12:00:00` })
  return seconds
}

function inUnits(text: string): number | undefined {
  if (!/^(\d+[smhd])+$/.test(text)) return undefined
  return [...text.matchAll(/(\d+)([smhd])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * unitSeconds[unit], 0)
}

function inSlurmForm(text: string): number | undefined {
  const [, days, rest] = /^(?:(\d+)-)?(\d+(?::\d+){0,2})$/.exec(text) ?? []
  if (rest === undefined) return undefined
  const parts = rest.split(':').map(Number)
  // After days come hours; without them a single number is minutes, two are minutes and seconds.
  const [hours, minutes, seconds] =
    days === undefined ? [0, 0, 0, ...parts, ...(parts.length === 1 ? [0] : [])].slice(-3) : [...parts, 0, 0]
  return Number(days ?? 0) * 86_400 + hours * 3600 + minutes * 60 + seconds
}
