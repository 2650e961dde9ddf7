import { receivedError, type SentError, sentError } from '../../../engine/errors.ts'
import type { Peer } from './sockets.ts'

/** Why ranks stop together. */
export interface Failure {
  /** The rank at fault. */
  readonly rank: number
  readonly kind: 'gone' | 'stalled' | 'deadlock' | 'interrupted' | 'failed'
  /** Seconds without a sign, where it has stalled. */
  readonly seconds?: number
  /** What it died of, where it said so. */
  readonly error?: SentError
}

export const named = ({ rank, pid, host }: Peer): string => `rank ${rank} (pid ${pid}, host ${host})`

const sentences: Record<Failure['kind'], (who: string, failure: Failure) => string> = {
  gone: (who) => `${who} has gone`,
  stalled: (who, { seconds }) => `${who} has not been heard of for ${seconds} s (QUIRE_MPI_TIMEOUT)`,
  deadlock: (_, { seconds }) => `all ranks have waited for each other for ${seconds} s (QUIRE_MPI_TIMEOUT)`,
  interrupted: (who) => `${who} was interrupted`,
  failed: (who, { error }) => `${who}: ${error!.message}`,
}

/** A rank is at fault; thrown at every other one. */
export class RankFailure extends Error {
  override name = 'RankFailure'
  readonly failure: Failure
  /** The error of the rank that failed, where it had one. */
  readonly original?: Error

  constructor(failure: Failure, peers: readonly Peer[]) {
    super(sentences[failure.kind](named(peers[failure.rank]), failure))
    this.failure = failure
    if (failure.error) this.original = receivedError(failure.error)
  }
}

/** What a rank says of its own end. */
export const failureOf = (rank: number, error: unknown): Failure => {
  const interrupted = error instanceof Error && (error.name === 'Interrupted' || error.name === 'AbortError')
  return interrupted ? { rank, kind: 'interrupted' } : { rank, kind: 'failed', error: sentError(error) }
}
