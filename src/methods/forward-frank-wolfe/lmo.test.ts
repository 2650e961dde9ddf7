import { expect, test } from 'vitest'
import { key, norm, random, reshape, sub, type Tensor, tensor, vmap, zeros } from '../../engine/index.ts'
import * as linalg from '../../engine/linalg.ts'
import { absoluteRadii, infeasible, movedInside, onMatrices, requireFeasible } from './constraints.ts'
import { type ConstraintSet, linearMinimization } from './lmo.ts'

const [n, R] = [6, 1.7]
const f64 = { dtype: 'float64' } as const
const normal = (seed: number, shape: readonly number[]) => random.normal(key(seed), shape, f64)

const sets: Record<string, ConstraintSet> = {
  l1: { kind: 'l1', radius: R },
  l2: { kind: 'l2', radius: R },
  linf: { kind: 'linf', radius: R },
  'lp 1.5': { kind: 'lp', p: 1.5, radius: R },
  'lp 3': { kind: 'lp', p: 3, radius: R },
  ksparse: { kind: 'ksparse', k: 2, radius: R },
  simplex: { kind: 'simplex', radius: R },
  nuclear: { kind: 'nuclear', radius: R },
}
const shapeOf = (name: string) => (name === 'nuclear' ? [3, 4] : [n])
const names = Object.keys(sets)

/** All vectors of n signs, or of k signs among zeros. */
function signs(length: number, k = length): number[][] {
  if (length === 0) return k === 0 ? [[]] : []
  const rest = (used: number) => signs(length - 1, k - used)
  const kept =
    k > 0
      ? rest(1).flatMap((tail) => [
          [1, ...tail],
          [-1, ...tail],
        ])
      : []
  return k < length ? [...kept, ...rest(0).map((tail) => [0, ...tail])] : kept
}

const vertices: Record<string, number[][]> = {
  l1: signs(n, 1),
  linf: signs(n),
  ksparse: signs(n, 2),
  simplex: signs(n, 1).filter((v) => v.every((entry) => entry >= 0)),
}

const inner = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((total, value, i) => total + value * b[i], 0)

test.each(Object.keys(vertices))('%s: the oracle finds the best vertex', async (name) => {
  const { solve, diameter } = linearMinimization(sets[name], [n])
  const all = vertices[name].map((v) => v.map((entry) => R * entry))
  for (let seed = 0; seed < 20; seed++) {
    const g = await normal(seed, [n]).data()
    const s = await solve(tensor(g as Float64Array)).data()
    expect(inner(s, g)).toBeCloseTo(Math.min(...all.map((v) => inner(v, g))), 12)
  }
  const widest = Math.max(...all.flatMap((v) => all.map((w) => Math.hypot(...v.map((entry, i) => entry - w[i])))))
  expect(diameter()).toBeCloseTo(widest, 12)
})

test.each(names)('%s: no feasible point is better, and the answer lies in the set', async (name) => {
  const shape = shapeOf(name)
  const { solve, contains, project } = linearMinimization(sets[name], shape)
  const points = await feasible(name, 1000)
  for (let seed = 0; seed < 4; seed++) {
    const g = normal(seed + 50, shape)
    const s = solve(g)
    expect(await contains(s).item()).toBe(1)
    const [values, own] = [await g.data(), await s.data()]
    // Power iteration is not done to the last digit.
    const slack = name === 'nuclear' ? 1e-4 : 1e-12
    for (const point of points) expect(inner(own, values)).toBeLessThanOrEqual(inner(point, values) + slack)
    expect(await norm(sub(project(s), s)).item()).toBeLessThan(1e-6)
  }
})

/** Points of a set: random ones, projected. */
async function feasible(name: string, count: number): Promise<ArrayLike<number>[]> {
  const shape = shapeOf(name)
  const { project } = linearMinimization(sets[name], shape)
  const points = await vmap(project)(normal(1000, [count, ...shape])).data()
  const size = points.length / count
  return Array.from({ length: count }, (_, i) => points.subarray(i * size, (i + 1) * size))
}

test.each(names)('%s: a projection lies in the set, and everything feasible lies beyond its tangent plane', async (name) => {
  const shape = shapeOf(name)
  const { contains, project, solve } = linearMinimization(sets[name], shape)
  for (let seed = 0; seed < 6; seed++) {
    const x = normal(seed, shape)
    const p = project(x)
    expect(await contains(p, 1e-7).item()).toBe(1)
    const [from, to] = [await x.data(), await p.data()]
    const outwards = Float64Array.from(from, (value, i) => value - to[i])
    // The farthest feasible point along x − p, which the oracle gives, must be p itself: then ⟨x − p, y − p⟩ ≤ 0 for all y.
    const farthest = await solve(reshape(tensor(outwards.map((value) => -value)), shape)).data()
    expect(inner(outwards, farthest) - inner(outwards, to)).toBeLessThan(1e-6)
    expect(await norm(sub(project(p), p)).item()).toBeLessThan(1e-6)
  }
})

test('a point inside is its own projection', async () => {
  for (const name of names.filter((other) => other !== 'simplex')) {
    const shape = shapeOf(name)
    const { project, contains } = linearMinimization(sets[name], shape)
    const x = reshape(tensor(Float64Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => 0.02 * (i - 2))), shape)
    expect(await contains(x).item()).toBe(1)
    expect(await norm(sub(project(x), x)).item()).toBeLessThan(1e-9)
  }
})

test('nuclear: the minimum is −R times the largest singular value', async () => {
  for (let seed = 0; seed < 5; seed++) {
    const g = normal(seed, [7, 5])
    const { solve } = linearMinimization({ kind: 'nuclear', radius: R }, [7, 5])
    const largest = (await linalg.svd(g).s.data())[0]
    expect(inner(await solve(g).data(), await g.data())).toBeCloseTo(-R * largest, 3)
  }
})

test('lp: the minimum is −R times the dual norm, and the diameter is reached by two vertices', async () => {
  const g = normal(3, [n])
  const dual = (values: ArrayLike<number>, q: number) =>
    Array.from(values).reduce((total, value) => total + Math.abs(value) ** q, 0) ** (1 / q)
  for (const p of [1.5, 2, 3]) {
    const { solve, diameter } = linearMinimization({ kind: 'lp', p, radius: R }, [n])
    expect(inner(await solve(g).data(), await g.data())).toBeCloseTo(-R * dual(await g.data(), p / (p - 1)), 10)
    const corner = p > 2 ? R * n ** (1 / 2 - 1 / p) : R
    expect(diameter()).toBeCloseTo(2 * corner, 12)
  }
})

test.each(names)('%s: a gradient of zero is answered by a point of the set', async (name) => {
  const shape = shapeOf(name)
  const { solve, contains } = linearMinimization(sets[name], shape)
  expect(await contains(solve(zeros(shape, 'float64'))).item()).toBe(1)
})

test('radii follow from diameters, and from norms at the start', async () => {
  expect(linearMinimization({ kind: 'ksparse', k: 4, diameter: 8 }, [n]).radius).toBeCloseTo(2, 12)
  const params = { weight: normal(0, [4, 3]), bias: normal(1, [4]) }
  const constraints = await absoluteRadii(params, onMatrices({ kind: 'l2', initMultiple: 3 }))
  const set = (constraints as (path: string, shape: number[]) => ConstraintSet)('weight', [4, 3])
  expect(linearMinimization(set, [4, 3]).radius).toBeCloseTo(3 * (await norm(params.weight).item()), 10)
  expect((constraints as (path: string, shape: number[]) => ConstraintSet)('bias', [4]).kind).toBe('none')
})

test('a start outside is refused with its distance, or moved to the nearest point with a warning', async () => {
  const params = { w: tensor([3, 4], f64), b: tensor([9], f64) }
  const constraints = (path: string): ConstraintSet => (path === 'w' ? { kind: 'l2', radius: 2 } : { kind: 'none' })
  expect(await infeasible(params, constraints)).toEqual([{ path: 'w', distance: 3 }])
  await expect(requireFeasible(params, constraints)).rejects.toThrow(/'w' lies outside of its set, 3\.00 from it/)
  const lines: string[] = []
  const moved = await movedInside(params, constraints, { warn: (line) => lines.push(line) })
  expect(lines).toEqual(["'w' lay outside of its set and was moved by 3.00"])
  const [a, b] = await (moved.w as Tensor).data()
  expect([a, b]).toEqual([expect.closeTo(1.2, 12), expect.closeTo(1.6, 12)])
  await requireFeasible(moved, constraints)
})

test.each<[RegExp, ConstraintSet, number[]]>([
  [/radius is 0/, { kind: 'l1', radius: 0 }, [4]],
  [/radius is -1/, { kind: 'l2', radius: -1 }, [4]],
  [/k is 9, and the tensor \[4\] has 4 elements/, { kind: 'ksparse', k: 9, radius: 1 }, [4]],
  [/k is undefined/, { kind: 'ksparse', radius: 1 }, [4]],
  [/there is no set 'l7'/, { kind: 'l7' as 'l1', radius: 1 }, [4]],
  [/no size is given/, { kind: 'l1' }, [4]],
  [/radius and diameter is given/, { kind: 'l1', radius: 1, diameter: 2 }, [4]],
  [/p is 1/, { kind: 'lp', p: 1, radius: 1 }, [4]],
  [/is no matrix/, { kind: 'nuclear', radius: 1 }, [4]],
  [/the norm at the start is not known/, { kind: 'l2', initMultiple: 2 }, [4]],
])('refused: %s', (message, set, shape) => {
  expect(() => linearMinimization(set, shape)).toThrow(message)
})
