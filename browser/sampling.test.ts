import { beforeAll, describe, expect, inject, test } from 'vitest'
import { type Sampled, sampleAll } from './sampling.ts'

const native = inject('sampled')

describe('one seed, in Node and in a page', () => {
  let here: Sampled
  beforeAll(async () => {
    here = await sampleAll()
  })

  test('gives the same noise, bit for bit', () => expect(here.noise).toEqual(native.noise))

  test.each(Object.keys(native.samples))('gives the same samples within 1e-4: %s', (name) => {
    const worst = Math.max(...here.samples[name].map((value, i) => Math.abs(value - native.samples[name][i])))
    expect(here.samples[name].length).toBe(native.samples[name].length)
    expect(worst).toBeLessThanOrEqual(1e-4)
  })
})
