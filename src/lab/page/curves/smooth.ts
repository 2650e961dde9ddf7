/**
 * An exponential moving average whose beginning is not drawn towards zero: each value is the weighted mean of those up to it, with weights that fall by
 * `share` a point. Values that are no numbers stay so and weigh nothing.
 */
export function smoothed(values: readonly number[], share: number): number[] {
  if (share <= 0) return [...values]
  let sum = 0
  let weight = 0
  return values.map((value) => {
    if (!Number.isFinite(value)) return value
    sum = sum * share + value
    weight = weight * share + 1
    return sum / weight
  })
}
