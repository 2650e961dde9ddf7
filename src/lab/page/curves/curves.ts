import type { Observations } from '../../api.ts'

/** What one unit logged of one quantity; a value that was not finite is NaN. Steps grow. */
export interface Curve {
  readonly steps: number[]
  readonly values: number[]
}

/** All that a run has logged so far, by quantity and unit, in the order in which they came. */
export class Curves {
  readonly #quantities = new Map<string, Map<string, Curve>>()
  /** Grows with each change. */
  version = 0

  add(series: readonly Observations[]): void {
    for (const { unit, name, steps, values } of series) append(this.#curve(name, unit), steps, values)
    this.version++
  }

  clear(): void {
    this.#quantities.clear()
    this.version++
  }

  names(): string[] {
    return [...this.#quantities.keys()]
  }

  /** The curves of a quantity, by unit. */
  of(name: string): ReadonlyMap<string, Curve> {
    return this.#quantities.get(name) ?? new Map()
  }

  #curve(name: string, unit: string): Curve {
    let units = this.#quantities.get(name)
    if (!units) this.#quantities.set(name, (units = new Map()))
    let curve = units.get(unit)
    if (!curve) units.set(unit, (curve = { steps: [], values: [] }))
    return curve
  }
}

/** Where a step comes again, the unit was started anew from a checkpoint, and what it said from there on is dropped. */
function append(curve: Curve, steps: readonly number[], values: readonly (number | null)[]): void {
  for (let i = 0; i < steps.length; i++) {
    while (curve.steps.length && curve.steps[curve.steps.length - 1] >= steps[i]) {
      curve.steps.pop()
      curve.values.pop()
    }
    curve.steps.push(steps[i])
    curve.values.push(values[i] ?? Number.NaN)
  }
}
