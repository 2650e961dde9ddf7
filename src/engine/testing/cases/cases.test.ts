import { describe, expect, test } from 'vitest'
import { elementwiseOperations } from './elementwise.ts'
import { casesOf, checkOperation } from './generate.ts'
import { movementOperations, selectionOperations } from './movement.ts'
import { orderOperations } from './order.ts'
import { productOperations } from './products.ts'
import { reductionOperations, runningOperations } from './reductions.ts'

/** By theme. Whoever adds an operation adds its twin here. */
const themes = {
  elementwise: elementwiseOperations,
  reductions: reductionOperations,
  running: runningOperations,
  order: orderOperations,
  movement: movementOperations,
  selection: selectionOperations,
  products: productOperations,
}

describe.each(Object.entries(themes))('%s', (_, operations) => {
  test.each(Object.entries(operations))('%s: twin, evaluator and runtime agree', checkOperation)
})

test('there are thousands of cases', () => {
  const cases = Object.values(themes).flatMap((operations) =>
    Object.entries(operations).flatMap(([name, operation]) => casesOf(name, operation)),
  )
  expect(cases.length).toBeGreaterThan(5000)
})
