import { expect, test } from 'vitest'
import { cast, evaluate, fromArray, jit, type NDArray, ndarray, scalar, type Tensor } from '../../engine/index.ts'
import { groupLasso, l1, nuclearNorm, planLeaf } from './regularizer.ts'
import { objective, type Subproblem, screened, solve, subgradientNorm } from './subproblem.ts'

/** A small generator of uniform numbers in [0, 1), so that a test draws the same problems everywhere. */
function uniform(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

interface Drawn {
  readonly linear: Float64Array
  readonly diagonal: Float64Array
  readonly anchor: Float64Array
}

/** A problem of `columns` groups (the columns) of `rows` weights each. */
function draw(rows: number, columns: number, seed: number): Drawn {
  const next = uniform(seed)
  const fill = (value: () => number) => Float64Array.from({ length: rows * columns }, value)
  return { linear: fill(() => 2 * next() - 1), diagonal: fill(() => 0.2 + next()), anchor: fill(() => 2 * next() - 1) }
}

const matrix = (values: Float64Array, shape: readonly number[], dtype: 'float32' | 'float64'): Tensor =>
  cast(fromArray(ndarray(values, shape, 'float64')), dtype)

function problemOf({ linear, diagonal, anchor }: Drawn, shape: readonly number[], scale: number, dtype: 'float32' | 'float64'): Subproblem {
  return {
    linear: matrix(linear, shape, dtype),
    diagonal: matrix(diagonal, shape, dtype),
    anchor: matrix(anchor, shape, dtype),
    start: matrix(anchor, shape, dtype),
    scale: scalar(scale, 'float64'),
  }
}

/** ‖W_g‖ by bisection on the secular equation, in plain JavaScript: independent of Newton and of PG. */
function bisect(c: number[], p: number[], threshold: number): number[] {
  const total = Math.hypot(...c)
  if (total <= threshold) return c.map(() => 0)
  const phi = (r: number) => c.reduce((sum, ci, i) => sum + (ci / (p[i] * r + threshold)) ** 2, 0)
  let [low, high] = [0, total / Math.min(...p)]
  for (let k = 0; k < 200; k++) {
    const middle = (low + high) / 2
    if (phi(middle) > 1) low = middle
    else high = middle
  }
  const r = (low + high) / 2
  return c.map((ci, i) => (ci * r) / (p[i] * r + threshold))
}

const [rows, columns] = [10, 300]
const shape = [rows, columns]
const plan = planLeaf(groupLasso(1), 'weight', shape)!
if (plan.kind !== 'groups') throw new Error('a group LASSO has groups')
const scale = 0.5

function expected({ linear, diagonal, anchor }: Drawn): Float64Array {
  const solution = new Float64Array(rows * columns)
  for (let g = 0; g < columns; g++) {
    const at = Array.from({ length: rows }, (_, i) => i * columns + g)
    const c = at.map((k) => diagonal[k] * anchor[k] - linear[k])
    bisect(
      c,
      at.map((k) => diagonal[k]),
      scale * Math.sqrt(rows),
    ).forEach((w, i) => {
      solution[at[i]] = w
    })
  }
  return solution
}

const worst = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0)

test.each([
  ['exact', 'float64', 1e-13],
  ['exact', 'float32', 1e-6],
  ['pg', 'float64', 2e-9],
  ['pg', 'float32', 1e-5],
] as const)('%s in %s finds the minimizer of 300 groups', async (solver, dtype, tolerance) => {
  const drawn = draw(rows, columns, 1)
  const truth = expected(drawn)
  const { solution, zeroGroups, iterations } = solve(plan, problemOf(drawn, shape, scale, dtype), {
    solver,
    minIterations: 1000,
    maxIterations: 1000,
  })
  expect(worst(await solution.data(), truth)).toBeLessThan(tolerance)
  const zeros = Array.from({ length: columns }, (_, g) => g).filter((g) => truth[g] === 0).length
  expect(zeros).toBeGreaterThan(20)
  expect(zeros).toBeLessThan(280)
  expect(await zeroGroups.item()).toBe(zeros)
  expect(await iterations.item()).toBeLessThan(solver === 'exact' ? 26 : 1001)
})

test('the exact solution leaves no subgradient; PG with the settings of the paper leaves little', async () => {
  const problem = problemOf(draw(rows, columns, 2), shape, scale, 'float64')
  const exact = solve(plan, problem, { solver: 'exact' }).solution
  expect(await subgradientNorm(plan, problem, exact).item()).toBeLessThan(1e-12)
  const { solution, iterations } = solve(plan, problem)
  expect(await subgradientNorm(plan, problem, solution).item()).toBeLessThan(0.1)
  const counted = await iterations.item()
  expect(counted).toBeGreaterThanOrEqual(2)
  expect(counted).toBeLessThanOrEqual(100)
})

test('KKT, written out: V + P (W − W₀) + T W/‖W‖ = 0 where a group is not zero', async () => {
  const drawn = draw(rows, columns, 3)
  const w = await solve(plan, problemOf(drawn, shape, scale, 'float64'), { solver: 'exact' }).solution.data()
  for (let g = 0; g < columns; g++) {
    const at = Array.from({ length: rows }, (_, i) => i * columns + g)
    const length = Math.hypot(...at.map((k) => w[k]))
    if (length === 0) continue
    for (const k of at) {
      const residual = drawn.linear[k] + drawn.diagonal[k] * (w[k] - drawn.anchor[k]) + (scale * Math.sqrt(rows) * w[k]) / length
      expect(Math.abs(residual)).toBeLessThan(1e-12)
    }
  }
})

test('screening finds exactly the zero groups, and does not change what PG finds', async () => {
  const drawn = draw(rows, columns, 4)
  const problem = problemOf(drawn, shape, scale, 'float64')
  const truth = expected(drawn)
  const flags = await screened(plan, problem).data()
  for (let g = 0; g < columns; g++) expect(flags[g] === 1).toBe(truth[g] === 0)
  const options = { minIterations: 600, maxIterations: 600 }
  const [on, off] = [solve(plan, problem, { ...options, screen: true }), solve(plan, problem, { ...options, screen: false })]
  await evaluate([on, off])
  expect(worst(await on.solution.data(), await off.solution.data())).toBeLessThan(1e-9)
})

test('all groups screened out', async () => {
  const problem = problemOf(draw(rows, columns, 5), shape, 1e3, 'float32')
  for (const solver of ['pg', 'exact'] as const) {
    const { solution, zeroGroups } = solve(plan, problem, { solver })
    expect(await zeroGroups.item()).toBe(columns)
    expect((await solution.data()).every((w) => w === 0)).toBe(true)
  }
})

test('P = p I is one prox', async () => {
  const [c, p, t] = [[0.9, -1.2], 0.7, 0.5 * Math.SQRT2]
  const drawn = { linear: Float64Array.from(c, (ci) => -ci), diagonal: Float64Array.of(p, p), anchor: new Float64Array(2) }
  const leaf = planLeaf(groupLasso(1), 'weight', [2, 1])!
  const factor = Math.max(0, 1 - t / Math.hypot(...c)) / p
  for (const solver of ['pg', 'exact'] as const) {
    const w = await solve(leaf, problemOf(drawn, [2, 1], 0.5, 'float64'), { solver }).solution.data()
    expect(
      worst(
        w,
        c.map((ci) => ci * factor),
      ),
    ).toBeLessThan(1e-14)
  }
})

test('|g| = 1 is a soft threshold of W₀ − V/P by T/P', async () => {
  const drawn = draw(4, 5, 6)
  const leaf = planLeaf(l1(1), 'weight', [4, 5])!
  const soft = Array.from(drawn.anchor, (a, i) => {
    const x = a - drawn.linear[i] / drawn.diagonal[i]
    return Math.sign(x) * Math.max(0, Math.abs(x) - 0.3 / drawn.diagonal[i])
  })
  for (const solver of ['pg', 'exact'] as const) {
    const w = await solve(leaf, problemOf(drawn, [4, 5], 0.3, 'float64'), { solver }).solution.data()
    expect(worst(w, soft)).toBeLessThan(1e-13)
  }
})

test('two weights against a dense grid of Q', async () => {
  const drawn = { linear: Float64Array.of(-0.6, 0.8), diagonal: Float64Array.of(0.5, 1.7), anchor: Float64Array.of(0.3, -0.2) }
  const threshold = 0.4 * Math.SQRT2
  const q = (x: number, y: number) => threshold * Math.hypot(x, y) + -0.6 * x + 0.8 * y + 0.25 * (x - 0.3) ** 2 + 0.85 * (y + 0.2) ** 2
  let best = [0, 0]
  for (let i = -400; i <= 400; i++)
    for (let j = -400; j <= 400; j++) if (q(i / 200, j / 200) < q(best[0], best[1])) best = [i / 200, j / 200]
  const leaf = planLeaf(groupLasso(1), 'weight', [2, 1])!
  const problem = problemOf(drawn, [2, 1], 0.4, 'float64')
  const { solution } = solve(leaf, problem, { solver: 'exact' })
  const [x, y] = await solution.data()
  expect(Math.abs(x - best[0])).toBeLessThan(0.0051)
  expect(Math.abs(y - best[1])).toBeLessThan(0.0051)
  expect(q(x, y)).toBeLessThanOrEqual(q(best[0], best[1]))
  expect(await objective(leaf, problem, solution).item()).toBeCloseTo(q(x, y), 12)
})

test('Q never rises from one PG iteration to the next', async () => {
  const problem = problemOf(draw(rows, columns, 7), shape, scale, 'float64')
  const values = [await objective(plan, problem, problem.start).item()]
  for (let maxIterations = 1; maxIterations <= 12; maxIterations++) {
    const { solution } = solve(plan, problem, { maxIterations, rtol: 0, screen: false })
    values.push(await objective(plan, problem, solution).item())
  }
  for (let j = 1; j < values.length; j++) expect(values[j]).toBeLessThanOrEqual(values[j - 1] + 1e-12)
})

test('PG stops by the rule, never before the minimum', async () => {
  const problem = problemOf(draw(rows, columns, 8), shape, scale, 'float32')
  const count = (options: object) => solve(plan, problem, options).iterations.item()
  expect(await count({ rtol: 1e3 })).toBe(2)
  expect(await count({ rtol: 1e3, minIterations: 5 })).toBe(5)
  expect(await count({ rtol: 0, maxIterations: 7 })).toBe(7)
})

test('the nuclear norm: PG inside a compiled function', async () => {
  const size = [4, 6]
  const leaf = planLeaf(nuclearNorm(1), 'weight', size)!
  const drawn = draw(4, 6, 9)
  const problem = { ...problemOf({ ...drawn, diagonal: drawn.diagonal.map(() => 2) }, size, 0.4, 'float64') }
  const { solution, zeroGroups } = jit((p: Subproblem) => solve(leaf, p, { maxIterations: 500, minIterations: 500 }))(problem)
  const w = await solution.ndarray()
  // With P = 2 I, W − prox of (0.4/2)·ψ at W₀ − V/2 has spectral norm 0.2 and the same singular directions.
  const x = Array.from(drawn.anchor, (a, i) => a - drawn.linear[i] / 2)
  const residual = x.map((xi, i) => xi - w.data[i])
  expect(inner(residual, w)).toBeCloseTo(0.2 * (await nuclear(w)), 10)
  expect(await zeroGroups.item()).toBeLessThan(4)
})

const inner = (a: readonly number[], { data }: NDArray): number => a.reduce((sum, ai, i) => sum + ai * data[i], 0)

/** Σ σ, by the eigenvalues of W Wᵀ: Jacobi rotations on the small symmetric matrix. */
async function nuclear({ data, shape: [m, n] }: NDArray): Promise<number> {
  const a = Array.from({ length: m }, (_, i) =>
    Array.from({ length: m }, (_, j) => Array.from({ length: n }, (_, k) => data[i * n + k] * data[j * n + k]).reduce((x, y) => x + y, 0)),
  )
  for (let sweep = 0; sweep < 50; sweep++) {
    for (let p = 0; p < m; p++) {
      for (let q = p + 1; q < m; q++) {
        const angle = 0.5 * Math.atan2(2 * a[p][q], a[q][q] - a[p][p])
        const [c, s] = [Math.cos(angle), Math.sin(angle)]
        for (let k = 0; k < m; k++) [a[k][p], a[k][q]] = [c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]]
        for (let k = 0; k < m; k++) [a[p][k], a[q][k]] = [c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]]
      }
    }
  }
  return a.reduce((sum, row, i) => sum + Math.sqrt(Math.max(row[i], 0)), 0)
}

test('what cannot be solved is refused', () => {
  const problem = problemOf(draw(2, 2, 10), [2, 2], 1, 'float32')
  const leaf = planLeaf(groupLasso(1), 'weight', [2, 2])!
  expect(() => solve(leaf, problem, { maxIterations: 0 })).toThrow('maxIterations is 0')
  expect(() => solve(leaf, problem, { minIterations: 0 })).toThrow('minIterations is 0')
  expect(() => solve(leaf, problem, { rtol: -1 })).toThrow('rtol is -1')
  expect(() => solve(leaf, problem, { solver: 'newton' as never })).toThrow("unknown solver 'newton'")
  expect(() => solve(planLeaf(nuclearNorm(1), 'weight', [2, 2])!, problem, { solver: 'exact' })).toThrow('takes groups')
})
