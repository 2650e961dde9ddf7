import { expect, test } from 'vitest'
import { type MemoryMode, memoryPlan } from './memory.ts'

const [width, batch] = [24, 160]
const layer = 4 * width * batch

const activations = (mode: MemoryMode, depth: number): number => memoryPlan({ depth, width, batch }, mode).activationBytes

test('forward mode holds a few layers’ activations, however deep the network', () => {
  expect(activations('forward', 24) / activations('forward', 3)).toBeLessThanOrEqual(1.1)
  // Value and tangent going in and coming out, and a product on its way.
  expect(activations('forward', 24)).toBeLessThanOrEqual(6 * layer)
})

test('reverse mode holds at least one tensor more for each layer more', () => {
  expect(activations('reverse', 24) - activations('reverse', 8)).toBeGreaterThanOrEqual(16 * layer)
})

test('forward mode whose layers are all results holds value and tangent of each', () => {
  expect(activations('tapeKept', 24)).toBeGreaterThanOrEqual(2 * 24 * layer)
})

test('a step that averages holds the parameters twice, one that does not once', () => {
  const [forward, reverse] = (['forward', 'reverse'] as const).map((mode) => memoryPlan({ depth: 3, width, batch }, mode).stateBytes)
  const parameters = 4 * (3 * (width + 1) * width + (width + 1) * 10)
  // Beside them only a key and counters.
  expect(forward - 2 * parameters).toBeLessThan(64)
  expect(reverse - parameters).toBeLessThan(64)
})
