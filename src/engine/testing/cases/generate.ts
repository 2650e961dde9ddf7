import { expect } from 'vitest'
import { type NDArray, ndarray, sizeOf } from '../../array.ts'
import { allocate, type DType, isFloat } from '../../dtype.ts'
import { evaluate, fromArray, reference, type Tensor } from '../../index.ts'
import { expectClose, spread } from '../checks.ts'
import type { Plain } from './plain.ts'

/*
 * Numeric cases by the thousand: each operation, on every dtype it takes, on shapes from scalars to empty axes, on every class of values.
 * Three computations must agree: a twin in plain JavaScript, the reference evaluator, and the runtime. All cases of one operation are compiled
 * together.
 */

/** One way to call an operation: the shape of each input, or the input itself where it steers (indices). */
export interface Form {
  readonly inputs: readonly (readonly number[] | NDArray)[]
  readonly run: (...inputs: Tensor[]) => Tensor
  /** The same in plain JavaScript, by another way than the engine goes. */
  readonly twin: (...inputs: Plain[]) => Plain
}

export interface Operation {
  readonly dtypes: readonly DType[]
  readonly forms: readonly Form[]
  /** The classes of values left out, where the operation is undefined, or accurate to fewer digits than its result suggests. */
  readonly without?: readonly ValueClass[]
  /** Relative to each element, or to a tenth of the result's largest. */
  readonly tolerance?: { readonly twin?: number; readonly runtime?: Partial<Record<DType, number>> }
}

const { NaN: nan, POSITIVE_INFINITY: infinity, NEGATIVE_INFINITY: minusInfinity } = Number

/** The values of each class, from which inputs are filled in turn. */
const floatClasses = {
  ordinary: spread(29, { low: -3, high: 3 }, 0.17),
  /** Whole numbers and halves, many of them equal. */
  ties: [0, 1, -0, 1, 0.5, -1, -1.5, 2.5, -1, 0, 2],
  small: spread(11, { low: -1, high: 1 }, 0.4).map((value) => value * 1e-6),
  huge: [1e30, -2e30, 3e19, -7e24, 1e30, 8e29, 5e-30],
  infinite: [1, infinity, -2, minusInfinity, 0, infinity, -0, 0.25],
  nan: [nan, 1, -3, nan, infinity, 0, 2],
} as const

export type ValueClass = keyof typeof floatClasses

const integerClasses: Partial<Record<ValueClass, readonly number[]>> = {
  ordinary: [3, -7, 5, 1, -2, 8, 9, -4, 6],
  ties: [1, 2, 1, 1, 2, 3],
  huge: [2 ** 31 - 1, -(2 ** 31), 2, -1, 2 ** 30, -(2 ** 31) + 1, 65_536],
}

const valuesOfDType = (dtype: DType): Partial<Record<ValueClass, readonly number[]>> => {
  if (isFloat(dtype)) return floatClasses
  if (dtype === 'bool') return { ordinary: [1, 0, 0, 1, 1], ties: [1], small: [0] }
  if (dtype === 'int32') return integerClasses
  return Object.fromEntries(Object.entries(integerClasses).map(([name, values]) => [name, values.map((value) => value >>> 0)]))
}

/** An input filled from a class; inputs at other places begin elsewhere in it. */
function filled(shape: readonly number[], dtype: DType, values: readonly number[], place: number): NDArray {
  const data = allocate(dtype, sizeOf(shape))
  for (let k = 0; k < data.length; k++) data[k] = values[(k + 2 * place) % values.length]
  return ndarray(data, shape, dtype)
}

export interface Case {
  readonly what: string
  readonly form: Form
  readonly inputs: readonly NDArray[]
}

/** dtype × form × class of values */
export const casesOf = (name: string, { dtypes, forms, without = [] }: Operation): Case[] =>
  dtypes.flatMap((dtype) =>
    Object.entries(valuesOfDType(dtype)).flatMap(([valueClass, values]) =>
      without.includes(valueClass as ValueClass)
        ? []
        : forms.map((form) => {
            const inputs = form.inputs.map((input, place) => ('data' in input ? input : filled(input, dtype, values, place)))
            return { what: `${name} of ${valueClass} ${inputs.map((x) => `${x.dtype} [${x.shape}]`).join(', ')}`, form, inputs }
          }),
    ),
  )

const plain = ({ shape, data }: NDArray): Plain => ({ shape, data: Array.from(data) })

/** What float32 can hold of a float64 result; other dtypes as they are. */
const rounded = (x: NDArray): NDArray => (x.dtype === 'float32' ? { ...x, data: Float32Array.from(x.data) } : x)

/** Judges every case of an operation: evaluator against twin, runtime against evaluator. */
export async function checkOperation(name: string, operation: Operation): Promise<void> {
  const { twin = 1e-11, runtime = {} } = operation.tolerance ?? {}
  const cases = casesOf(name, operation)
  const results = cases.map(({ form, inputs }) => form.run(...inputs.map(fromArray)))
  const expected = reference(results)
  cases.forEach(({ what, form, inputs }, i) => {
    const { shape, data } = form.twin(...inputs.map(plain))
    expectClose(expected[i], ndarray(Float64Array.from(data), shape, results[i].dtype), twin, `${what}, evaluator against twin`)
  })
  await evaluate(results)
  for (const [i, { what }] of cases.entries()) {
    expectClose(await results[i].ndarray(), rounded(expected[i]), runtime[results[i].dtype], `${what}, runtime against evaluator`)
  }
  expect(cases.length).toBeGreaterThan(0)
}
