import { type NDArray, ndarray, sizeOf } from '../../../engine/index.ts'

/** What memory is held for. */
export type Kind = 'weights' | 'gradients' | 'optimizer' | 'activations'
/**
 * What memory is held for, in this order.
 *
 * @example
 * kinds.length // 4
 */
export const kinds: readonly Kind[] = ['weights', 'gradients', 'optimizer', 'activations']

/** Bytes by what they are held for. */
export type Bytes = Readonly<Record<Kind, number>>

export const bytesOf = ({ data }: NDArray): number => data.byteLength

type Aval = Pick<NDArray, 'shape' | 'dtype'>

/**
 * The arrays of a training loop: those given back are handed out again, so that a running loop allocates nothing, and each is on an account, so that
 * memory is counted rather than guessed.
 *
 * @example
 * const arena = new Arena()
 * const array = arena.take({ shape: [2, 3], dtype: 'float32' }, 'activations')
 * array.data.length // 6
 */
export class Arena {
  readonly #free = new Map<string, NDArray['data'][]>()
  readonly #owners = new Map<NDArray, { readonly kind: Kind; readonly own: boolean }>()
  readonly #live = { weights: 0, gradients: 0, optimizer: 0, activations: 0 }
  readonly #peak = { weights: 0, gradients: 0, optimizer: 0, activations: 0 }
  #peakTotal = 0
  #idle = 0

  /** An array of this shape; its contents are whatever was in it. */
  take({ shape, dtype }: Aval, kind: Kind): NDArray {
    const data = this.#free.get(slotOf({ shape, dtype }))?.pop()
    if (data) this.#idle -= data.byteLength
    const array = ndarray(data ?? new storage[dtype](sizeOf(shape)), shape, dtype)
    return this.#enter(array, kind, true)
  }

  /** Puts an array of the caller's on account; its memory is never written. Parameters that are equal may share it, so each gets a view of its own. */
  adopt({ data, shape, dtype }: NDArray, kind: Kind): NDArray {
    return this.#enter(ndarray(data, shape, dtype), kind, false)
  }

  #enter(array: NDArray, kind: Kind, own: boolean): NDArray {
    this.#owners.set(array, { kind, own })
    this.#live[kind] += bytesOf(array)
    this.#peak[kind] = Math.max(this.#peak[kind], this.#live[kind])
    this.#peakTotal = Math.max(this.#peakTotal, this.total())
    return array
  }

  /** Takes an array back. */
  give(array: NDArray): void {
    const entry = this.#owners.get(array)
    if (!entry) throw new Error('an array was given back twice, or is not of this arena')
    this.#owners.delete(array)
    this.#live[entry.kind] -= bytesOf(array)
    if (!entry.own) return
    const slot = slotOf(array)
    if (!this.#free.has(slot)) this.#free.set(slot, [])
    this.#free.get(slot)!.push(array.data)
    this.#idle += bytesOf(array)
  }

  /** Lets go of the arrays that nobody holds. */
  trim(): void {
    this.#free.clear()
    this.#idle = 0
  }

  /** Bytes now held. */
  get live(): Bytes {
    return { ...this.#live }
  }

  /** The most bytes held at a time, of each kind and of all kinds together. */
  get peak(): Bytes & { readonly total: number } {
    return { ...this.#peak, total: this.#peakTotal }
  }

  /** Bytes kept for whoever asks next. */
  get idle(): number {
    return this.#idle
  }

  total(): number {
    return kinds.reduce((sum, kind) => sum + this.#live[kind], 0)
  }
}

const storage = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint32: Uint32Array, bool: Uint8Array } as const

const slotOf = ({ shape, dtype }: Aval): string => `${dtype} ${sizeOf(shape)}`
