/*
 * Power series in two small variables α and β, cut off after degrees p and q: a function computed on them gives all its derivatives of these orders.
 * A series is its coefficients, that of αⁱβʲ at i·(q + 1) + j.
 */

export type Series = Float64Array

export interface Algebra {
  /** c + a·α + b·β */
  readonly linear: (c: number, a?: number, b?: number) => Series
  readonly add: (x: Series, y: Series) => Series
  readonly mul: (x: Series, y: Series) => Series
  /** x/y, where y has a constant term */
  readonly div: (x: Series, y: Series) => Series
  readonly exp: (x: Series) => Series
}

export function seriesOf(p: number, q = 0): Algebra {
  const width = q + 1
  const make = () => new Float64Array((p + 1) * width)
  const each = (fill: (i: number, j: number) => number): Series => {
    const result = make()
    for (let i = 0; i <= p; i++) for (let j = 0; j <= q; j++) result[i * width + j] = fill(i, j)
    return result
  }
  /** Σ weight(k, l)·x[k, l]·y[i − k, j − l] over k ≤ i, l ≤ j without k = l = 0 */
  const convolved = (x: Series, y: Series, i: number, j: number, weight: (k: number, l: number) => number): number => {
    let total = 0
    for (let k = 0; k <= i; k++)
      for (let l = k === 0 ? 1 : 0; l <= j; l++) total += weight(k, l) * x[k * width + l] * y[(i - k) * width + j - l]
    return total
  }
  const one = () => 1
  return {
    linear(c, a = 0, b = 0) {
      const result = make()
      result[0] = c
      if (p > 0) result[width] = a
      if (q > 0) result[1] = b
      return result
    },
    add: (x, y) => x.map((value, i) => value + y[i]),
    mul: (x, y) => each((i, j) => x[0] * y[i * width + j] + convolved(x, y, i, j, one)),
    div(x, y) {
      const result = make()
      for (let i = 0; i <= p; i++)
        for (let j = 0; j <= q; j++) result[i * width + j] = (x[i * width + j] - convolved(y, result, i, j, one)) / y[0]
      return result
    },
    // E = eˣ has ∂E = E·∂x, by α where there is one, else by β.
    exp(x) {
      const result = make()
      result[0] = Math.exp(x[0])
      for (let i = 0; i <= p; i++)
        for (let j = i === 0 ? 1 : 0; j <= q; j++)
          result[i * width + j] = convolved(x, result, i, j, i > 0 ? (k) => k / i : (_, l) => l / j)
      return result
    },
  }
}
