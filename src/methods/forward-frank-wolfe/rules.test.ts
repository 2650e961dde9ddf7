import { expect, test } from 'vitest'
import { evaluate, fold, iota, key, mean, mul, square, sum, type Tensor, tensor, vmap } from '../../engine/index.ts'
import { config } from './config.ts'
import { forwardGradient } from './forward-gradient.ts'
import { procedureOf } from './rules.ts'

/** The mean of an arm's estimate of a fixed gradient g, in standard errors from a point. */
async function distances(variant: 'full' | 'decoupled', from: readonly number[]): Promise<number[]> {
  const g = tensor(Float64Array.of(3, -1, 0.5, 2))
  const f = (w: Tensor) => sum(mul(w, g))
  const rule = { constraints: { kind: 'l2', radius: 1 }, seed: 0 } as const
  const { directionsAt } = procedureOf<Tensor>(config.parse({ variant }), rule, f)
  const draws = 20_000
  const phi = vmap((n: Tensor) => forwardGradient(f, g, { directions: directionsAt!(fold(key(5), n), g) }).gradient)(iota(draws, 'uint32'))
  const [means, squares] = await Promise.all(
    (await evaluate([mean(phi, { axes: 0 }), mean(square(phi), { axes: 0 })])).map((x) => x.data()),
  )
  return from.map((value, i) => Math.abs(means[i] - value) / Math.sqrt((squares[i] - means[i] ** 2) / draws))
}

test('the control’s estimate has the mean zero, the method’s the mean ∇f', async () => {
  const gradient = [3, -1, 0.5, 2]
  expect(Math.max(...(await distances('full', gradient)))).toBeLessThan(4)
  expect(Math.max(...(await distances('decoupled', [0, 0, 0, 0])))).toBeLessThan(4)
  expect(Math.max(...(await distances('decoupled', gradient)))).toBeGreaterThan(20)
})
