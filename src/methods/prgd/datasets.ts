import { fold, key, type NDArray, ndarray, random } from '../../engine/index.ts'

/*
 * Separable sets on which plain gradient descent and normalized gradient descent are provably slow: their support vectors are unequally many, so
 * that the iterate keeps an offset across the best direction. The best direction is e₁ and the largest margin g, exactly. As signed examples
 * z = y·x, float64 [n, d], without bias.
 */

/** The paper's first set, in the plane: (g, s) twice and (g, −s) once, s = √(1 − g²). `balanced`: each once, which puts normalized gradient descent on the axis at once. */
export function planeSet(g: number, { balanced = false } = {}): NDArray {
  const s = Math.sqrt(1 - g * g)
  const rows = [[g, s], [g, -s], ...(balanced ? [] : [[g, s]])]
  return ndarray(Float64Array.from(rows.flat()), [rows.length, 2], 'float64')
}

/** The vertices of a regular simplex with m corners on the unit sphere of m − 1 dimensions; ⟨u_i, u_j⟩ = −1/(m − 1). */
export function simplex(m: number): number[][] {
  const vertices = Array.from({ length: m }, () => new Array<number>(m - 1).fill(0))
  for (let axis = 0; axis < m - 1; axis++) {
    const rest = vertices[axis].slice(0, axis).reduce((sum, value) => sum + value * value, 0)
    vertices[axis][axis] = Math.sqrt(1 - rest)
    for (let later = axis + 1; later < m; later++) {
      const product = vertices[later].slice(0, axis).reduce((sum, value, j) => sum + value * vertices[axis][j], 0)
      vertices[later][axis] = (-1 / (m - 1) - product) / vertices[axis][axis]
    }
  }
  return vertices
}

const bulkCount = 100

/**
 * The same in m dimensions: support vectors (g, √(1 − g²)·u_j), the j-th of them j times, and 100 examples farther away, with first coordinate
 * uniform in [2g, 4g] and a random direction across.
 */
export async function simplexSet(m: number, g: number, seed: number): Promise<NDArray> {
  const across = Math.sqrt(1 - g * g)
  const support = simplex(m).flatMap((u, j) => Array.from({ length: j + 1 }, () => [g, ...u.map((value) => across * value)]))
  const [heights, lengths, directions] = await Promise.all([
    random.uniform(fold(key(seed), 0), [bulkCount]).data(),
    random.uniform(fold(key(seed), 1), [bulkCount]).data(),
    random.normal(fold(key(seed), 2), [bulkCount, m - 1]).data(),
  ])
  const bulk = Array.from({ length: bulkCount }, (_, i) => {
    const height = g * (2 + 2 * heights[i])
    const direction = [...directions.subarray(i * (m - 1), (i + 1) * (m - 1))]
    const length = Math.sqrt(1 - height * height) * (0.3 + 0.7 * lengths[i])
    return [height, ...direction.map((value) => (length * value) / Math.hypot(...direction))]
  })
  const rows = [...support, ...bulk]
  return ndarray(Float64Array.from(rows.flat()), [rows.length, m], 'float64')
}
