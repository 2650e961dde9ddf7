import { expect, test } from 'vitest'
import { launchIn, refuseStrangers } from './launch.ts'

test.each([
  ['Open MPI', { OMPI_COMM_WORLD_RANK: '2', OMPI_COMM_WORLD_SIZE: '4', PMIX_RANK: '2' }, { rank: 2, size: 4, launcher: 'mpirun' }],
  ['MPICH', { PMI_RANK: '0', PMI_SIZE: '2' }, { rank: 0, size: 2, launcher: 'mpirun' }],
  ['srun --mpi=pmix', { PMIX_RANK: '1', SLURM_PROCID: '1', SLURM_STEP_NUM_TASKS: '8' }, { rank: 1, size: 8, launcher: 'srun' }],
  ['srun --mpi=pmi2', { PMI_RANK: '7', PMI_SIZE: '8', SLURM_STEP_NUM_TASKS: '8' }, { rank: 7, size: 8, launcher: 'srun' }],
])('%s is recognised by its variables', (_, env, launch) => expect(launchIn(env)).toEqual(launch))

test.each([
  ['nothing', {}],
  ['the batch script of a Slurm job', { SLURM_JOB_ID: '1', SLURM_PROCID: '0', SLURM_NTASKS: '4' }],
  ['a task of an array', { SLURM_PROCID: '0', SLURM_STEP_NUM_TASKS: '1', SLURM_ARRAY_TASK_ID: '3' }],
])('%s is no launcher', (_, env) => {
  expect(launchIn(env)).toBeUndefined()
  expect(() => refuseStrangers(env)).not.toThrow()
})

test('tasks that srun started without MPI are refused', () =>
  expect(() => refuseStrangers({ SLURM_PROCID: '1', SLURM_STEP_NUM_TASKS: '4' })).toThrow(
    /srun started 4 tasks that do not know of each other; add --mpi=pmix/,
  ))
