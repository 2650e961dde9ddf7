import { expect } from 'vitest'
import { type NDArray, ndarray, sizeOf } from '../array.ts'
import { allocate, type DType } from '../dtype.ts'
import type { Primitive } from '../graph/primitive.ts'
import { trace } from '../graph/trace.ts'
import { add, fromArray, isDifferentiable, mul, square, stopGradient, sum } from '../ops.ts'
import { apply } from '../primitives/define.ts'
import { evaluateGraph, reference } from '../reference/evaluate.ts'
import type { Tensor } from '../tensor.ts'
import { jvp } from '../transform/jvp.ts'
import { grad, vjp } from '../transform/vjp.ts'
import { vmap } from '../transform/vmap.ts'
import type { Sample, SampleInput } from './samples.ts'

type Float = 'float32' | 'float64'
export type TensorFunction = (...inputs: Tensor[]) => Tensor[]

/** The fractions of multiples of the golden ratio lie as far from each other as any sequence can. */
const goldenRatio = (Math.sqrt(5) - 1) / 2

/** `count` numbers in a range, apart from each other and from zero; another `phase` gives others. */
export function spread(count: number, { low, high }: { low: number; high: number }, phase: number): number[] {
  return Array.from({ length: count }, (_, k) => {
    const value = low + (high - low) * ((phase + k * goldenRatio) % 1)
    return Math.abs(value) < 0.05 ? value + 0.1 * (Math.sign(value) || 1) : value
  })
}

/** The array of an input; each example has other elements from the same range. */
function arrayOf({ kind, shape, values }: SampleInput, place: number, dtype: Float, example: number): NDArray {
  const own: DType = kind === 'float' ? dtype : kind
  const count = sizeOf(shape)
  const elements = 'low' in values ? spread(count, values, 0.21 + 0.37 * place + 0.131 * example) : values
  const data = allocate(own, count)
  for (let k = 0; k < count; k++) data[k] = elements[(k + example) % count]
  return ndarray(data, shape, own)
}

export const inputsOf = (sample: Sample, dtype: Float, example = 0): Tensor[] =>
  sample.inputs.map((input, place) => fromArray(arrayOf(input, place, dtype, example)))

export const functionOf =
  (primitive: Primitive, sample: Sample): TensorFunction =>
  (...inputs) =>
    sample.run ? sample.run(...inputs) : apply(primitive, inputs, sample.attributes)

const tolerances = { float32: 1e-5, float64: 1e-12, int32: 0, uint32: 0, bool: 0 }

/** Element by element, relative to the element or to a tenth of the largest one; NaN equals NaN. */
export function expectClose(actual: NDArray, expected: NDArray, tolerance: number = tolerances[actual.dtype], what = ''): void {
  expect(actual.shape, what).toEqual(expected.shape)
  expect(actual.dtype, what).toBe(expected.dtype)
  const largest = Float64Array.from(expected.data).reduce(
    (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most),
    0,
  )
  for (let i = 0; i < expected.data.length; i++) {
    const [a, b] = [actual.data[i], expected.data[i]]
    const close = Object.is(a, b) || a === b || Math.abs(a - b) <= tolerance * Math.max(Math.abs(b), largest / 10)
    if (!close) expect.fail(`${what}: element ${i} is ${a}, not ${b}, of ${String(actual.data)} against ${String(expected.data)}`)
  }
}

export function expectAllClose(actual: readonly NDArray[], expected: readonly NDArray[], tolerance?: number, what = ''): void {
  expect(actual.length, what).toBe(expected.length)
  actual.forEach((array, i) => {
    expectClose(array, expected[i], tolerance, `${what}, result ${i}`)
  })
}

export const referenceOf = (fn: TensorFunction, inputs: readonly Tensor[]): NDArray[] => reference(fn(...inputs))

/** The function of the differentiable inputs alone, all others fixed, giving the differentiable results alone. */
export function differentiablePart(fn: TensorFunction, inputs: readonly Tensor[]): { fn: TensorFunction; at: Tensor[] } {
  const places = inputs.flatMap((x, i) => (isDifferentiable(x) ? [i] : []))
  return {
    fn: (...active) => {
      const all = [...inputs]
      places.forEach((place, i) => {
        all[place] = active[i]
      })
      return fn(...all).filter(isDifferentiable)
    },
    at: places.map((place) => inputs[place]),
  }
}

/** A direction, or weights: numbers between −1 and 1, float64 arithmetic exact enough for any dtype. */
export const direction = (like: Tensor, phase: number): Tensor => {
  const data = allocate(like.dtype, sizeOf(like.shape))
  data.set(spread(data.length, { low: -1, high: 1 }, phase))
  return fromArray(ndarray(data, like.shape, like.dtype))
}

export const directions = (like: readonly Tensor[], phase: number): Tensor[] => like.map((x, i) => direction(x, phase + 0.27 * i))

const dotOf = (a: readonly NDArray[], b: readonly NDArray[]): number =>
  a.reduce((total, { data }, i) => total + Float64Array.from(data).reduce((part, value, k) => part + value * b[i].data[k], 0), 0)

/** The derivative of `fn` along `t` from five function values; the step's error is of fourth order. */
export function differences(fn: TensorFunction, at: readonly Tensor[], t: readonly Tensor[]): NDArray[] {
  const step = 1e-3
  const graph = trace(fn as never, at)
  const points = reference(at)
  const along = reference(t)
  const values = (by: number) =>
    evaluateGraph(
      graph,
      points.map((point, i) => ({
        ...point,
        dtype: 'float64',
        data: Float64Array.from(point.data, (x, k) => x + by * step * along[i].data[k]),
      })),
    )
  const [a, b, c, d] = [-2, -1, 1, 2].map(values)
  return a.map((array, i) => ({
    ...array,
    data: Float64Array.from(array.data, (value, k) => (value - 8 * b[i].data[k] + 8 * c[i].data[k] - d[i].data[k]) / (12 * step)),
  }))
}

/** A scalar that depends on every result in a curved way, so that even linear functions have second derivatives. */
export const curved =
  (fn: TensorFunction) =>
  (inputs: Tensor[]): Tensor =>
    fn(...inputs)
      .map((y, i) => sum(mul(direction(y, 0.4 + 0.1 * i), add(square(y), y))))
      .reduce((total, y) => add(total, y))

const derivativeTolerance = 1e-6
const identityTolerance = 1e-10

const expectNumber = (actual: number, expected: number, scale: number, what: string): void => {
  expect(Math.abs(actual - expected), `${what}: ${actual} against ${expected}`).toBeLessThanOrEqual(identityTolerance * Math.max(scale, 1))
}

/** Forward mode against differences, reverse mode against forward mode, and the same of the gradient. */
export function checkDerivatives(primitive: Primitive, sample: Sample, what: string): void {
  const { fn, at } = differentiablePart(functionOf(primitive, sample), inputsOf(sample, 'float64'))
  if (at.length === 0 || fn(...at).length === 0) return
  const t = directions(at, 0.1)
  const push = (f: TensorFunction, along: readonly Tensor[]) => jvp((...x: Tensor[]) => f(...x), [...at], [...along]).tangent
  const forward = reference(push(fn, t))
  expectAllClose(forward, differences(fn, at, t), derivativeTolerance, `${what}: jvp against differences`)

  const weights = directions(fn(...at), 0.6)
  const pulled = reference(vjp((...x: Tensor[]) => fn(...x), ...at).pullback(weights))
  const [left, right] = [dotOf(reference(weights), forward), dotOf(pulled, reference(t))]
  expectNumber(left, right, Math.abs(left), `${what}: ⟨w, Jt⟩ = ⟨Jᵀw, t⟩`)

  const gradient: TensorFunction = (...x) => grad(curved(fn))(x)
  const u = directions(at, 0.8)
  const alongT = reference(push(gradient, t))
  expectAllClose(alongT, differences(gradient, at, t), derivativeTolerance, `${what}: jvp of grad against differences`)
  const [ut, tu] = [dotOf(reference(u), alongT), dotOf(reference(t), reference(push(gradient, u)))]
  expectNumber(ut, tu, Math.abs(ut), `${what}: ⟨u, Ht⟩ = ⟨t, Hu⟩`)
  const twice = reference(vjp((...x: Tensor[]) => gradient(...x), ...at).pullback(t))
  expectAllClose(twice, alongT, identityTolerance, `${what}: grad of grad against jvp of grad`)
}

/** No derivative passes an input that is stopped, in either mode. */
export function checkStopped(primitive: Primitive, sample: Sample, what: string): void {
  const { fn, at } = differentiablePart(functionOf(primitive, sample), inputsOf(sample, 'float64'))
  if (at.length === 0 || fn(...at).length === 0) return
  const stopped = (...x: Tensor[]) => fn(...x.map(stopGradient))
  const forward = jvp((...x: Tensor[]) => stopped(...x), [...at], directions(at, 0.1)).tangent
  const backward = vjp((...x: Tensor[]) => stopped(...x), ...at).pullback(directions(fn(...at), 0.6))
  for (const { data } of reference([forward, backward]))
    expect(
      data.every((value) => value === 0),
      what,
    ).toBe(true)
}

/** Every way to have some inputs stacked and others shared: the indices of those that are stacked. */
const batchings = (count: number): boolean[][] =>
  Array.from({ length: 2 ** count - 1 }, (_, mask) => Array.from({ length: count }, (_, i) => ((mask + 1) & (1 << i)) !== 0))

const examples = 3

function stacked(arrays: readonly NDArray[]): NDArray {
  const [{ shape, dtype, data }] = arrays
  const all = new (data.constructor as Float64ArrayConstructor)(arrays.length * data.length)
  arrays.forEach((array, i) => {
    all.set(array.data as Float64Array, i * data.length)
  })
  return ndarray(all, [arrays.length, ...shape], dtype)
}

/** Mapped computations beside what a loop over the examples gives, for each way of batching the inputs. */
export function mappedAndLooped(fn: TensorFunction, sample: Sample, dtype: Float): { mapped: Tensor[]; looped: NDArray[] }[] {
  const perExample = Array.from({ length: examples }, (_, e) => inputsOf(sample, dtype, e))
  return batchings(sample.inputs.length).map((batched) => {
    const inputs = batched.map((has, i) => (has ? fromArray(stacked(perExample.map((all) => all[i].node.value!))) : perExample[0][i]))
    const mapped = vmap((...x: Tensor[]) => fn(...x), { in: batched.map((has) => (has ? 0 : null)) })(...inputs)
    const each = perExample.map((all) =>
      referenceOf(
        fn,
        all.map((x, i) => (batched[i] ? x : perExample[0][i])),
      ),
    )
    return { mapped, looped: each[0].map((_, i) => stacked(each.map((results) => results[i]))) }
  })
}

/** The gradient of a curved scalar of the results, with respect to all differentiable inputs; undefined where there is none. */
export function gradientFunction(primitive: Primitive, sample: Sample): TensorFunction | undefined {
  const fn = functionOf(primitive, sample)
  const { at, fn: part } = differentiablePart(fn, inputsOf(sample, 'float64'))
  if (sample.derivatives === 'none' || at.length === 0 || part(...at).length === 0) return undefined
  return (...inputs) => {
    const active = differentiablePart(fn, inputs)
    return grad(curved(active.fn))(active.at)
  }
}
