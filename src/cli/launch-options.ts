import type { Command } from 'commander'

/** What `quire run` passes to a cluster. */
export interface LaunchOptions {
  readonly launcher?: string
  readonly time?: string
  readonly partition?: string
  readonly account?: string
  readonly cpus?: string
  readonly mem?: string
  readonly arrayLimit?: string
  readonly requeues?: string
  readonly sbatchOption?: readonly string[]
  readonly print?: boolean
}

/** The options of a cluster, with the name under which commander passes them. */
const slurmOptions = [
  ['time', '--time <duration>', "a task's time limit, such as 2h (default: the partition's)"],
  ['partition', '--partition <name>', 'where it runs'],
  ['account', '--account <name>', 'who pays'],
  ['cpus', '--cpus <n>', 'processors of a task (default: 1)'],
  ['mem', '--mem <size>', 'memory of a task, such as 8G'],
  ['arrayLimit', '--array-limit <n>', 'tasks that may run at a time'],
  ['requeues', '--requeues <n>', 'how often a task that was stopped queues again (default: 20)'],
  ['sbatchOption', '--sbatch-option <option...>', 'any other of sbatch, such as gres=gpu:1; can be repeated'],
  ['print', '--print', 'show the sbatch file; make and submit nothing'],
] as const

export function addLaunchOptions(command: Command): Command {
  command.option('--launcher <name>', 'where it runs: local, or slurm for a job array with a task a seed (default: local)')
  for (const [, flags, description] of slurmOptions) command.option(flags, description)
  return command
}

/** The first option given that only a cluster understands. */
export const slurmOptionIn = (options: LaunchOptions): string | undefined => {
  const given = slurmOptions.find(([name]) => options[name] !== undefined)
  return given?.[1].split(' ')[0]
}
