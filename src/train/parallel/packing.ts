import { cast, concat, type DType, mul, reshape, sizeOf, slice, type Tensor } from '../../engine/index.ts'
import type { Floats } from './communicator.ts'

type Float = 'float32' | 'float64'
type Aval = { readonly shape: readonly number[]; readonly dtype: DType }

export const isFloat = ({ dtype }: Aval): boolean => dtype === 'float32' || dtype === 'float64'

/** Tensors of known shapes as one vector for each of their dtypes, and back: what is sent between ranks is one piece. */
export class Packing {
  /** One entry a vector. */
  readonly vectors: readonly { readonly dtype: Float; readonly size: number }[]
  readonly #avals: readonly Aval[]

  constructor(avals: readonly Aval[]) {
    this.#avals = avals
    this.vectors = (['float32', 'float64'] as const).flatMap((dtype) => {
      const size = this.#of(dtype).reduce((total, { shape }) => total + sizeOf(shape), 0)
      return size > 0 ? [{ dtype, size }] : []
    })
  }

  #of(dtype: Float): readonly Aval[] {
    return this.#avals.filter((aval) => aval.dtype === dtype)
  }

  /** The vectors of these tensors, times a weight; part of a graph. */
  pack(tensors: readonly Tensor[], weight: Tensor): Tensor[] {
    return this.vectors.map(({ dtype }) => {
      const flat = tensors.filter((x) => x.dtype === dtype).map((x) => reshape(x, [sizeOf(x.shape)]))
      return mul(flat.length === 1 ? flat[0] : concat(flat), cast(weight, dtype))
    })
  }

  /** The tensors, from their vectors; part of a graph. */
  unpack(vectors: readonly Tensor[]): Tensor[] {
    const position = new Map<DType, number>()
    return this.#avals.map(({ dtype, shape }) => {
      const start = position.get(dtype) ?? 0
      const end = start + sizeOf(shape)
      position.set(dtype, end)
      return reshape(slice(vectors[this.vectors.findIndex((vector) => vector.dtype === dtype)], { axis: 0, start, end }), shape)
    })
  }

  /** Memory for the vectors. */
  allocate(): Floats[] {
    return this.vectors.map(({ dtype, size }) => (dtype === 'float32' ? new Float32Array(size) : new Float64Array(size)))
  }

  toString(): string {
    return this.#avals.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(' ')
  }
}
