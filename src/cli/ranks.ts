import { InputError } from '../engine/errors.ts'
import type { RankFailure, Ranks } from '../train/parallel/index.ts'
import { exitStatus, report } from './failure.ts'
import type { Terminal } from './terminal.ts'

/**
 * Does a command's work as one of the ranks that `mpirun` or `srun` has started, or by itself. An error at one rank ends all of them; rank 0 says what
 * it was.
 */
export async function amongRanks(terminal: Terminal, work: (ranks?: Ranks) => Promise<number>): Promise<number> {
  const { joinRanks, RankFailure } = await import('../train/parallel/index.ts')
  const ranks = await joinRanks(terminal.env)
  if (!ranks) return work()
  try {
    const status = await work(ranks)
    await ranks.leave()
    return status
  } catch (error) {
    if (!(error instanceof RankFailure)) {
      const status = report(error, terminal)
      await ranks.fail(error)
      return status
    }
    return stopped(error, ranks, terminal)
  }
}

/** The end of a rank that stops because of another one. `goOn` says how the run can be gone on with, where it is not the user's error that ends it. */
export async function stopped(cause: RankFailure, ranks: Ranks, terminal: Terminal, goOn: () => unknown = () => {}): Promise<number> {
  const { failure, original, message } = cause
  // Where rank 0 itself cannot speak, the next one does.
  const speak = failure.rank === 0 && ranks.rank === 1 ? (terminal.alarm ?? terminal.err) : terminal.err
  speak(`quire: ${message}`)
  if (original && !(original instanceof InputError)) speak(`${original.stack}\nquire: this is a defect of quire, not of your input`)
  if (failure.kind !== 'failed') goOn()
  await ranks.fail(cause)
  const speaker = failure.rank === 0 ? 1 : 0
  if (failure.kind === 'stalled' && ranks.rank === speaker) ranks.abort(exitStatus.interrupted)
  if (failure.kind !== 'failed') return exitStatus.interrupted
  return original instanceof InputError ? exitStatus.usage : exitStatus.defect
}
