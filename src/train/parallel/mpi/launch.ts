import { InputError } from '../../../engine/errors.ts'

/** What a launcher says of this process, before MPI is asked. */
export interface Launch {
  readonly rank: number
  /** Where the launcher says it. */
  readonly size?: number
  readonly launcher: 'mpirun' | 'srun'
}

type Environment = Readonly<Record<string, string | undefined>>

const number = (text: string | undefined): number | undefined => (text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined)

/**
 * Whether this process was started as one of several by `mpirun` (Open MPI, MPICH, Intel) or by `srun` with an MPI plugin. The batch script of a Slurm
 * job is none of them, although it has Slurm's variables.
 */
export function launchIn(env: Environment): Launch | undefined {
  const open = number(env.OMPI_COMM_WORLD_RANK)
  if (open !== undefined) return { rank: open, size: number(env.OMPI_COMM_WORLD_SIZE), launcher: 'mpirun' }
  const tasks = number(env.SLURM_STEP_NUM_TASKS)
  const managed = number(env.PMIX_RANK) ?? number(env.PMI_RANK)
  if (managed !== undefined)
    return { rank: managed, size: number(env.PMI_SIZE) ?? tasks, launcher: tasks === undefined ? 'mpirun' : 'srun' }
  return undefined
}

/** Refuses tasks that srun started without telling them of each other: each would run everything. */
export function refuseStrangers(env: Environment): void {
  const tasks = number(env.SLURM_STEP_NUM_TASKS)
  if (tasks !== undefined && tasks > 1 && !launchIn(env))
    throw new InputError(`srun started ${tasks} tasks that do not know of each other`, {
      where: 'srun',
      fix: 'add --mpi=pmix (srun --mpi=list shows what there is) to train together, or --ntasks=1',
    })
}
