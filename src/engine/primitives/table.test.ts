import { describe, expect, test } from 'vitest'
import { evaluate, jit, reference, type Tensor } from '../index.ts'
import {
  checkDerivatives,
  checkStopped,
  expectAllClose,
  functionOf,
  gradientFunction,
  inputsOf,
  mappedAndLooped,
} from '../testing/checks.ts'
import { samples } from '../testing/samples.ts'
import { primitiveTable } from './table.ts'

const cells = ['infer', 'evaluate', 'jvp', 'vjp', 'batch', 'lower'] as const

/** These carry no mathematics of their own to sample: who reads or runs a graph handles them. */
const structural: Readonly<Record<string, string>> = {
  data: 'a host buffer, fed to every run',
  placeholder: 'an argument, bound by the transformation or the runtime',
  literal: 'a number: it has no inputs, and is part of every other sample',
  iota: 'a constant without inputs',
  project: 'picks one result; every transformation looks through it',
  call: 'a compiled function: inlined before any rule could be asked for',
}

const sampled = primitiveTable.filter(({ kind }) => kind !== 'structural')

test.each(primitiveTable)('$name has every cell', (primitive) => {
  for (const cell of cells) expect(primitive[cell], cell).toBeTypeOf('function')
  expect(primitive.kind === 'structural').toBe(primitive.name in structural)
})

test('every primitive has samples', () => {
  const named = sampled.map(({ name }) => name)
  expect(Object.keys(samples).toSorted()).toEqual(named.toSorted())
  for (const name of named) expect(samples[name].length, name).toBeGreaterThan(0)
})

describe.each(sampled)('$name', (primitive) => {
  const cases = samples[primitive.name].map((sample) => ({
    sample,
    fn: functionOf(primitive, sample),
    what: `${primitive.name} ${sample.inputs.map(({ kind, shape }) => `${kind} [${shape}]`).join(', ')} ${JSON.stringify(sample.attributes ?? {})}`,
  }))

  test('the runtime computes what the reference does, compiled by hand or not', async () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const all = cases.map(({ sample }) => inputsOf(sample, dtype))
      const run = (inputs: Tensor[][]) => cases.map(({ fn }, i) => fn(...inputs[i]))
      // Before the runtime has been asked: a tensor whose value is known has forgotten how it came about.
      const expected = run(all).map((outputs) => reference(outputs))
      const results = await evaluate({ eager: run(all), jitted: jit(run)(all) })
      for (const [i, { what }] of cases.entries()) {
        const [eager, jitted] = await Promise.all(
          [results.eager, results.jitted].map((each) => Promise.all(each[i].map((x) => x.ndarray()))),
        )
        expectAllClose(eager, expected[i], undefined, `${what} in ${dtype}`)
        expectAllClose(jitted, eager, undefined, `${what} in ${dtype}, jit`)
      }
    }
  })

  test('the derivatives are right, to second order and in both modes', () => {
    for (const { sample, what } of cases) {
      if (sample.derivatives !== 'none') checkDerivatives(primitive, sample, what)
    }
  })

  test('stopGradient stops both modes', () => {
    for (const { sample, what } of cases) checkStopped(primitive, sample, what)
  })

  test('vmap is a loop over examples, also of the gradient', async () => {
    const compared = cases.flatMap(({ sample, fn, what }) => {
      const gradient = gradientFunction(primitive, sample)
      return [
        ...mappedAndLooped(fn, sample, 'float32').map((pair) => ({ ...pair, what })),
        ...(gradient ? mappedAndLooped(gradient, sample, 'float32').map((pair) => ({ ...pair, what: `gradient of ${what}` })) : []),
      ]
    })
    for (const { mapped, looped, what } of compared) expectAllClose(reference(mapped), looped, 1e-12, `vmap of ${what}, reference`)
    await evaluate(compared.map(({ mapped }) => mapped))
    for (const { mapped, looped, what } of compared) {
      expectAllClose(await Promise.all(mapped.map((x) => x.ndarray())), looped, undefined, `vmap of ${what}`)
    }
  })
})
