import { describe, expect, test } from 'vitest'
import { checkpoint, customJvp, customVjp, grad, jvp, reference, stack, stopGradient, sum, type Tensor, vjp, vmap } from '../index.ts'
import { primitiveTable } from '../primitives/table.ts'
import { curved, differentiablePart, directions, expectAllClose, functionOf, inputsOf, type TensorFunction } from '../testing/checks.ts'
import { samples } from '../testing/samples.ts'

/*
 * Every primitive inside checkpoint, customJvp, customVjp and stopGradient, differentiated forward, in reverse, twice, and for examples.
 */

/** The same function with its own derivatives as rules. */
const wrappers: Readonly<Record<string, (fn: TensorFunction) => TensorFunction>> = {
  checkpoint: (fn) => checkpoint(fn),
  customJvp: (fn) => customJvp(fn, ({ args }, tangents) => jvp(fn, args, tangents).tangent),
  customVjp: (fn) => customVjp(fn, ({ args }, cotangents) => vjp(fn, ...args).pullback(cotangents)),
}

const cases = primitiveTable.flatMap((primitive) => {
  const sample = samples[primitive.name]?.find((each) => {
    if (each.derivatives === 'none') return false
    const { fn, at } = differentiablePart(functionOf(primitive, each), inputsOf(each, 'float64'))
    return at.length > 0 && fn(...at).length > 0
  })
  return sample ? [{ name: primitive.name, ...differentiablePart(functionOf(primitive, sample), inputsOf(sample, 'float64')) }] : []
})

const gradient = (fn: TensorFunction) => (x: Tensor[]) => grad(curved(fn))(x)
const pair = (at: readonly Tensor[]) => at.map((x) => stack([x, x]))

/** By mode: what is differentiated how. */
const modes: Readonly<Record<string, (fn: TensorFunction, at: Tensor[]) => Tensor[]>> = {
  forward: (fn, at) => jvp(fn, at, directions(at, 0.1)).tangent,
  reverse: (fn, at) => vjp(fn, ...at).pullback(directions(fn(...at), 0.6)),
  'forward over reverse': (fn, at) => jvp(gradient(fn), [at], [directions(at, 0.3)]).tangent,
  'reverse over reverse': (fn, at) => vjp(gradient(fn), at).pullback(directions(at, 0.3))[0],
  'reverse for examples': (fn, at) => vmap(gradient(fn))(pair(at)),
  'reverse through examples': (fn, at) => grad((x: Tensor[]) => sum(vmap(curved(fn))(pair(x))))(at),
}

test('most of the table has derivatives to wrap', () => {
  expect(cases.length).toBeGreaterThan(40)
})

describe.each(cases)('$name', ({ fn, at }) => {
  test('keeps its derivatives inside of every wrapper', () => {
    for (const [mode, derivative] of Object.entries(modes)) {
      const expected = reference(derivative(fn, at))
      for (const [wrapper, wrap] of Object.entries(wrappers)) {
        if (wrapper === 'customVjp' && mode.startsWith('forward')) continue
        expectAllClose(reference(derivative(wrap(fn), at)), expected, 1e-9, `${mode} of ${wrapper}`)
      }
    }
  })

  test('has no forward mode inside of customVjp', () => {
    expect(() => modes.forward(wrappers.customVjp(fn), at)).toThrow(/^customVjp has no jvp derivative/)
  })

  test('has none behind stopGradient', () => {
    const stopped: TensorFunction = (...x) => fn(...x.map(stopGradient))
    for (const [mode, derivative] of Object.entries(modes)) {
      for (const { data } of reference(derivative(stopped, at)))
        expect(
          [...data].filter((value) => value !== 0),
          mode,
        ).toEqual([])
    }
  })
})
