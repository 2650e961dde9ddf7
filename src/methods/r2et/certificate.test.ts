import { beforeAll, expect, test } from 'vitest'
import { evaluate, fromArray, key, ndarray, random, tensor } from '../../engine/index.ts'
import type { LayeredParams } from '../../nn/index.ts'
import { attackExplanation } from './attack.ts'
import { type Certifier, certifierOf } from './certificate.ts'
import { inputHessian } from './curvature.ts'
import { empiricalRadius } from './empirical-radius.ts'
import { smoothNetwork } from './network.ts'
import { inputGradient } from './saliency.ts'

const [features, hidden, beta, k] = [6, [8, 7], 4, 2] as const

/** A network of so many classes, its certifier, and rows to explain. */
async function subject(classes: number) {
  const network = smoothNetwork({ features, classes, hidden, beta })
  const params = await evaluate(network.init(key(classes)))
  const rows = ndarray(Float32Array.from(await random.normal(key(1), [100, features]).data()), [100, features], 'float32')
  const row = (i: number) => rows.data.subarray(i * features, (i + 1) * features)
  return { network, params, rows, row, certifier: await certifierOf(params, { beta }) }
}
type Subject = Awaited<ReturnType<typeof subject>>
let two: Subject
let three: Subject
beforeAll(async () => {
  ;[two, three] = await Promise.all([subject(2), subject(3)])
})

const subjects = () => [two, three]

test('its gradient, an expression of its own, is the engine’s', async () => {
  for (const { network, params, rows, row, certifier } of subjects()) {
    const found = await inputGradient((x) => network.apply(params, x), fromArray(rows)).data()
    for (let i = 0; i < 100; i++)
      certifier.gradient(row(i)).forEach((value, j) => {
        expect(found[i * features + j]).toBeCloseTo(value, 4)
      })
  }
})

/** B_i as a formula of the weights of an n-m₁-m₂-1 network: (β/4)[Σ_j |W₁|_ji (|W₂|ᵀ|w|)_j ‖W₁_j‖ + Σ_m |w|_m (|W₂||W₁|)_mi ‖(|W₂||W₁|)_m‖]. */
async function formula({ layers }: LayeredParams): Promise<number[]> {
  const [w1, w2, [w]] = await Promise.all(layers.map(async ({ weight }) => (await weight.array()) as number[][]))
  const product = w2.map((row) => w1[0].map((_, i) => row.reduce((sum, v, j) => sum + Math.abs(v) * Math.abs(w1[j][i]), 0)))
  return w1[0].map((_, i) => {
    const first = w1.reduce((sum, row, j) => {
      const through = w2.reduce((total, above, m) => total + Math.abs(above[j]) * Math.abs(w[m]), 0)
      return sum + Math.abs(row[i]) * through * Math.hypot(...row)
    }, 0)
    const second = product.reduce((sum, row, m) => sum + Math.abs(w[m]) * row[i] * Math.hypot(...row), 0)
    return (beta / 4) * (first + second)
  })
}

test('B_i lies between the rows of the exact Hessian and the closed formula', async () => {
  const closed = await formula(two.params)
  two.certifier.bounds(1).forEach((bound, i) => {
    expect(bound).toBeLessThanOrEqual(closed[i] * (1 + 1e-12))
  })
  for (const { network, params, rows, row, certifier } of subjects()) {
    const hessian = await inputHessian((x) => network.apply(params, x), fromArray(rows)).data()
    for (let i = 0; i < 100; i++) {
      const bounds = certifier.bounds(certifier.certify(row(i), { k }).predicted)
      for (let feature = 0; feature < features; feature++) {
        const line = Array.from({ length: features }, (_, j) => hessian[(feature * 100 + i) * features + j])
        expect(Math.hypot(...line)).toBeLessThanOrEqual(bounds[feature])
      }
    }
  }
})

const topOf = (certifier: Certifier, x: ArrayLike<number>) =>
  [...certifier.gradient(x).entries()]
    .sort(([, a], [, b]) => Math.abs(b) - Math.abs(a))
    .slice(0, k)
    .map(([i]) => i)
    .sort()
    .join()

test.each(['global', 'interval'] as const)(
  'no point within a %s radius has another top k: 1,000 random, 100 attacked',
  async (lipschitz) => {
    const draws = await random.normal(key(7), [1000, features]).data()
    for (const { network, params, row, certifier } of subjects()) {
      const radii = Array.from({ length: 100 }, (_, i) => certifier.certify(row(i), { k, lipschitz }))
      const near = (i: number, offset: ArrayLike<number>, length: number) => Array.from(row(i), (v, j) => v + length * offset[j])
      for (let draw = 0; draw < 1000; draw++) {
        const i = draw % 100
        const offset = draws.subarray(draw * features, (draw + 1) * features)
        const point = near(i, offset, radii[i].radius / Math.hypot(...offset))
        if (certifier.certify(point, { k }).predicted === radii[i].predicted) expect(topOf(certifier, point)).toBe(topOf(certifier, row(i)))
      }
      // Rows of like radii are attacked together, as far as all of them are certified.
      const order = [...radii.keys()].sort((a, b) => radii[a].radius - radii[b].radius)
      for (let start = 0; start < 100; start += 10) {
        const batch = order.slice(start, start + 10)
        const x = tensor(Float32Array.from(batch.flatMap((i) => [...row(i)])), { shape: [10, features] })
        const options = { kind: 'hardest', k, eps: 0.999 * radii[batch[0]].radius, steps: 5, starts: 3, key: key(start) } as const
        const points = await (await attackExplanation(network, params, x, options)).adversarial.data()
        batch.forEach((i, at) => {
          expect(topOf(certifier, points.subarray(at * features, (at + 1) * features))).toBe(topOf(certifier, row(i)))
        })
      }
    }
  },
)

test('bounds in the ball certify more than bounds everywhere, and less than what the points of a ball show', async () => {
  for (const { network, params, rows, row, certifier } of subjects()) {
    const [wide, near] = (['global', 'interval'] as const).map((lipschitz) =>
      Array.from({ length: 100 }, (_, i) => certifier.certify(row(i), { k, lipschitz }).radius),
    )
    near.forEach((radius, i) => {
      expect(radius).toBeGreaterThanOrEqual(wide[i])
    })
    const total = (values: readonly number[]) => values.reduce((a, b) => a + b)
    expect(total(near)).toBeGreaterThan(1.5 * total(wide))
    // Points as near as the certificate reaches can only show smaller Hessians than its bounds.
    const least = Math.min(...near.filter((radius) => radius > 0))
    const seen = await empiricalRadius(network, params, rows, { k, eps: least, samples: 4 })
    seen.forEach((radius, i) => {
      expect(radius).toBeGreaterThanOrEqual(wide[i] * 0.999)
    })
  }
})

test('a linear map is certified without end, a tie not at all', async () => {
  const linear = await certifierOf({ layers: [{ weight: tensor([[3, -2, 1]]), bias: tensor([0]) }] }, { beta })
  expect(linear.certify([1, 1, 1], { k: 1 })).toMatchObject({ radius: Number.POSITIVE_INFINITY, gap: 1, predicted: 1 })
  const even = await certifierOf(
    {
      layers: [
        {
          weight: tensor([
            [1, 0],
            [0, 1],
          ]),
          bias: tensor([0, 0]),
        },
        { weight: tensor([[1, 1]]), bias: tensor([0]) },
      ],
    },
    { beta },
  )
  expect(even.certify([0.5, 0.5], { k: 1, lipschitz: 'interval' })).toMatchObject({ radius: 0, gap: 0 })
})
