import type { TypedArray } from '../../engine/index.ts'
import type { Communicator, Floats } from '../parallel/communicator.ts'

/** Ranks in one process, each an async function: what is sent is copied at once, as a library that buffers does it. */
export function inProcess(size: number): Communicator[] {
  const boxes = new Map<string, { sent: TypedArray[]; asked: ((data: TypedArray) => void)[] }>()
  const box = (from: number, to: number) => {
    const name = `${from}>${to}`
    if (!boxes.has(name)) boxes.set(name, { sent: [], asked: [] })
    return boxes.get(name)!
  }
  const post = (from: number, to: number, data: TypedArray) => {
    const { sent, asked } = box(from, to)
    const reader = asked.shift()
    if (reader) reader(data.slice())
    else sent.push(data.slice())
  }
  const take = (from: number, to: number) =>
    new Promise<TypedArray>((resolve) => {
      const { sent, asked } = box(from, to)
      const data = sent.shift()
      if (data) resolve(data)
      else asked.push(resolve)
    })
  return Array.from({ length: size }, (_, rank): Communicator => {
    const receive = async (into: TypedArray, from: number) => {
      const data = await take(from, rank)
      if (data.length !== into.length || data.constructor !== into.constructor)
        throw new Error(`rank ${rank} expects ${into.length} elements of rank ${from}, which sent ${data.length}`)
      into.set(data)
    }
    const others = Array.from({ length: size }, (_, other) => other).filter((other) => other !== rank)
    const broadcast = async (data: TypedArray) => {
      if (rank > 0) return receive(data, 0)
      for (const to of others) post(rank, to, data)
    }
    return {
      rank,
      size,
      send: async (data, to) => post(rank, to, data),
      receive,
      async exchange(send, into, partner) {
        post(rank, partner, send)
        await receive(into, partner)
      },
      broadcast,
      async sum(data) {
        // Backwards, so that it differs from the tree.
        if (rank > 0) post(rank, 0, data)
        else
          for (const from of others.toReversed()) {
            const theirs = (await take(from, 0)) as Floats
            for (let i = 0; i < data.length; i++) data[i] += theirs[i]
          }
        await broadcast(data)
      },
    }
  })
}

/** Runs a program on so many ranks; gives what each returns. */
export const onRanks = <T>(size: number, program: (communicator: Communicator) => Promise<T>): Promise<T[]> =>
  Promise.all(inProcess(size).map(program))
