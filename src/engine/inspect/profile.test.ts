import { expect, test } from 'vitest'
import { configureRuntime, exp, matmul, sum, type Tensor, zeros } from '../index.ts'
import { profile, profileText } from './index.ts'

configureRuntime({ prefer: 'native' }) // the other one times no nodes

test('a profile finds the product, and maps its time to the line that asked for it', async () => {
  const x = zeros([200, 200])
  const result = await profile((a: Tensor) => sum(matmul(exp(a), a)), [x], { runs: 3 })
  expect(result.operations.map(({ name }) => name)).toEqual(expect.arrayContaining(['matmul', 'exp', 'sum']))
  expect(result.operations.reduce((total, { share }) => total + share, 0)).toBeCloseTo(1)
  expect(result.lines[0].name).toMatch(/profile\.test\.ts:\d+$/)
  expect(result.lines[0].gigaflops).toBeGreaterThan(0)
  expect(profileText(result)).toContain('matmul')
})
