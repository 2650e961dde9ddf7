import type { NDArray } from '../../engine/index.ts'

/** Rosenblatt's perceptron on signed examples z [n, d]: adds each example that is on the wrong side, until none is, or for so many passes. Any plane will do for it. */
export function perceptron({ shape: [n, d], data }: NDArray, { passes }: { passes: number }): Float64Array {
  const w = new Float64Array(d)
  for (let pass = 0, mistakes = 1; pass < passes && mistakes > 0; pass++) {
    mistakes = 0
    for (let i = 0; i < n; i++) {
      let score = 0
      for (let j = 0; j < d; j++) score += data[i * d + j] * w[j]
      if (score > 0) continue
      mistakes++
      for (let j = 0; j < d; j++) w[j] += data[i * d + j]
    }
  }
  return w
}
