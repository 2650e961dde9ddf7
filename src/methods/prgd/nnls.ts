/** A matrix by columns. */
type Columns = readonly Float64Array[]

const dot = (a: Float64Array, b: Float64Array): number => {
  let total = 0
  for (let i = 0; i < a.length; i++) total += a[i] * b[i]
  return total
}

/** x of the smallest ‖Σ x_j a_j − b‖ for linearly independent columns, by Householder reflections (Golub & Van Loan, algorithm 5.3.2). */
export function leastSquares(columns: Columns, b: Float64Array): Float64Array {
  const [r, target] = [columns.map((column) => column.slice()), b.slice()]
  const rows = b.length
  const diagonal = new Float64Array(columns.length)
  for (let k = 0; k < r.length; k++) {
    const pivot = r[k]
    const length = Math.sqrt(dot(pivot.subarray(k), pivot.subarray(k)))
    diagonal[k] = pivot[k] > 0 ? -length : length
    // The reflection's vector v takes the column's place; v·v/2 = −diagonal·v₀.
    pivot[k] -= diagonal[k]
    const half = -diagonal[k] * pivot[k]
    if (half === 0) continue
    for (const other of [...r.slice(k + 1), target]) {
      const factor = dot(pivot.subarray(k), other.subarray(k)) / half
      for (let i = k; i < rows; i++) other[i] -= factor * pivot[i]
    }
  }
  const x = new Float64Array(columns.length)
  for (let k = x.length - 1; k >= 0; k--) {
    let rest = target[k]
    for (let j = k + 1; j < x.length; j++) rest -= r[j][k] * x[j]
    x[k] = rest / diagonal[k]
  }
  return x
}

/**
 * x ≥ 0 of the smallest ‖Σ x_j a_j − b‖, by the active sets of Lawson & Hanson (1974): columns enter one by one where the residual asks for them most,
 * and leave where they would become negative. Ends after finitely many steps at the exact solution, up to rounding.
 */
export function nonNegativeLeastSquares(columns: Columns, b: Float64Array): Float64Array {
  const x = new Float64Array(columns.length)
  const largest = Math.max(...columns.map((column) => dot(column, column)))
  const tolerance = 4 * Number.EPSILON * Math.sqrt(largest * dot(b, b))
  const passive: number[] = []
  let refused = new Set<number>()
  for (let entered = 0; entered < 20 * columns.length; entered++) {
    const residual = b.slice()
    for (const j of passive) for (let i = 0; i < b.length; i++) residual[i] -= x[j] * columns[j][i]
    const entering = steepest(columns, residual, (j) => x[j] > 0 || refused.has(j), tolerance)
    if (entering === undefined || passive.length === b.length) return x
    passive.push(entering)
    // Rounding may refuse a column that has only just entered; another is then tried.
    if (settle(columns, b, x, passive).includes(entering)) refused.add(entering)
    else refused = new Set()
  }
  return x
}

function steepest(columns: Columns, residual: Float64Array, isOut: (j: number) => boolean, tolerance: number): number | undefined {
  let [best, found] = [tolerance, undefined as number | undefined]
  columns.forEach((column, j) => {
    const slope = isOut(j) ? 0 : dot(column, residual)
    if (slope > best) [best, found] = [slope, j]
  })
  return found
}

/** Moves x to the least-squares solution on the passive columns, which leave where they reach zero on the way. Gives those that left. */
function settle(columns: Columns, b: Float64Array, x: Float64Array, passive: number[]): number[] {
  const left: number[] = []
  while (passive.length > 0) {
    const solution = leastSquares(
      passive.map((j) => columns[j]),
      b,
    )
    const blocking = passive.filter((_, i) => !(solution[i] > 0))
    if (blocking.length === 0) {
      passive.forEach((j, i) => {
        x[j] = solution[i]
      })
      return left
    }
    const reach = (j: number) => {
      const towards = solution[passive.indexOf(j)]
      return x[j] === 0 ? 0 : x[j] / (x[j] - towards)
    }
    const first = blocking.reduce((a, j) => (reach(j) < reach(a) ? j : a))
    const step = reach(first)
    passive.forEach((j, i) => {
      x[j] += step * (solution[i] - x[j])
    })
    for (const j of passive.filter((j) => j === first || x[j] <= 0)) {
      x[j] = 0
      passive.splice(passive.indexOf(j), 1)
      left.push(j)
    }
  }
  return left
}
