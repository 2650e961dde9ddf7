/**
 * Training by several processes: those of one `mpirun` or `srun`. Only for Node.
 *
 * @module
 */
export { alone, type Communicator, type Floats, meet } from './communicator.ts'
export { type Launch, launchIn } from './mpi/launch.ts'
export { RankFailure } from './mpi/rank-failure.ts'
export { joinRanks, type Message, Ranks } from './mpi/ranks.ts'
export type { DataParallel } from './sharded-step.ts'
