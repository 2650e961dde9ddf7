import type { Communicator, DataParallel } from '../../train/index.ts'
import type { Experiment } from '../definition.ts'
import type { RunRecord } from '../run/run-folder.ts'

/** How a unit's training steps are shared out: by the shards of the run, where the experiment trains such units by shards. */
export function parallelOf(
  { dataParallel }: Experiment,
  { parallel }: RunRecord,
  config: unknown,
  communicator?: Communicator,
): DataParallel | undefined {
  return parallel && dataParallel?.(config) ? { shards: parallel.shards, communicator } : undefined
}
