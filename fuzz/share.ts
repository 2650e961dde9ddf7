/** What a worker is told. */
export interface Job {
  readonly reader: string
  readonly cases: number
  readonly seed: number
  readonly shared: SharedArrayBuffer
}

/** The longest damaged file that is kept for whoever watches. */
const room = 2 ** 20

export const sharedMemory = (): SharedArrayBuffer => new SharedArrayBuffer(16 + room)

/** How many files the worker has begun to read, and the one that it reads now. */
export function share(memory: SharedArrayBuffer) {
  const counts = new Int32Array(memory, 0, 2)
  const content = new Uint8Array(memory, 16)
  return {
    begin(bytes: Uint8Array): void {
      content.set(bytes.subarray(0, room))
      Atomics.store(counts, 1, Math.min(bytes.length, room))
      Atomics.add(counts, 0, 1)
    },
    begun: (): number => Atomics.load(counts, 0),
    current: (): Uint8Array => content.slice(0, Atomics.load(counts, 1)),
  }
}
