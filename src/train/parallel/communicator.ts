import { InputError, type TypedArray } from '../../engine/index.ts'

export type Floats = Float32Array | Float64Array

/**
 * What processes that train together ask of each other. All of them call the same operations in the same order. Arrays are sent from where they lie and
 * received in place; none may be changed until the promise is kept.
 */
export interface Communicator {
  /** 0 … size - 1. */
  readonly rank: number
  readonly size: number
  send(data: TypedArray, to: number): Promise<void>
  /** `into` has the length of what is sent. */
  receive(into: TypedArray, from: number): Promise<void>
  /** Sends to a partner and receives from it, at the same time. */
  exchange(send: TypedArray, receive: TypedArray, partner: number): Promise<void>
  /** Rank 0's data, at every rank. */
  broadcast(data: TypedArray): Promise<void>
  /** The sum over all ranks, in an order that the library chooses: its bits may differ with their number. */
  sum(data: Floats): Promise<void>
}

const nobody = (): never => {
  throw new Error('there is no other rank')
}

/**
 * A process by itself.
 *
 * @example
 * alone.size // 1
 */
export const alone: Communicator = {
  rank: 0,
  size: 1,
  send: nobody,
  receive: nobody,
  exchange: nobody,
  broadcast: async () => {},
  sum: async () => {},
}

/** Waits until every rank has come here. */
export const meet = (communicator: Communicator): Promise<void> => communicator.sum(new Float64Array(1))

/** Bytes of every rank, at rank 0; nothing elsewhere. */
export async function gather(communicator: Communicator, bytes: Uint8Array): Promise<Uint8Array[]> {
  const { rank, size } = communicator
  if (rank > 0) {
    await communicator.send(Float64Array.of(bytes.length), 0)
    await communicator.send(bytes, 0)
    return []
  }
  const all = [bytes]
  for (let from = 1; from < size; from++) {
    const length = new Float64Array(1)
    await communicator.receive(length, from)
    const received = new Uint8Array(length[0])
    await communicator.receive(received, from)
    all.push(received)
  }
  return all
}

/** Rank 0's bytes, at every rank. */
export async function share(communicator: Communicator, bytes: Uint8Array): Promise<Uint8Array> {
  const length = Float64Array.of(bytes.length)
  await communicator.broadcast(length)
  const shared = communicator.rank === 0 ? bytes : new Uint8Array(length[0])
  await communicator.broadcast(shared)
  return shared
}

/** Stops where what a rank trains is not what rank 0 trains: their sums would mean nothing. */
export async function agree(communicator: Communicator, what: string): Promise<void> {
  const theirs = new TextDecoder().decode(await share(communicator, new TextEncoder().encode(what)))
  if (theirs !== what)
    throw new InputError(`rank ${communicator.rank} trains ${what}, and rank 0 ${theirs}`, {
      fix: 'start the same program with the same options and data everywhere',
    })
}
