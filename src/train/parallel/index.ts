/**
 * Training by several processes: those of one `mpirun` or `srun`. Only for Node.
 *
 * @module
 */
export type { Communicator, Floats } from './communicator.ts'
export { RankFailure } from './mpi/rank-failure.ts'
export { joinRanks, type Message, type Ranks } from './mpi/ranks.ts'
export type { Peer } from './mpi/sockets.ts'
export type { DataParallel } from './sharded-step.ts'
