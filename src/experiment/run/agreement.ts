import type { Series, UnitRecord } from '../definition.ts'

/** A number that is not the same in both runs. */
export interface Difference {
  /** `unit: measurement`, or `unit: curve at step`. */
  readonly name: string
  readonly before: number
  readonly now: number
  /** |now − before| / |before|; 0 for two zeros of unlike sign. */
  readonly relative: number
}

/** How two runs of the same thing agree, number by number. */
export interface Agreement {
  /** Every number is there in both, and has the same bits. */
  readonly identical: boolean
  /** Numbers that both have: measurements, and points of curves. */
  readonly numbers: number
  /** The largest first. */
  readonly differences: readonly Difference[]
  /** Numbers that only one of the runs has. */
  readonly onlyBefore: readonly string[]
  readonly onlyNow: readonly string[]
}

const pointsOf = (name: string, { x, y }: Series): [string, number][] => x.map((step, i) => [`${name} at ${step}`, y[i]])

const numbersOf = ({ unit, measurements, series }: UnitRecord): [string, number][] =>
  [...Object.entries(measurements), ...Object.entries(series).flatMap(([name, curve]) => pointsOf(name, curve))].map(([name, value]) => [
    `${unit}: ${name}`,
    value,
  ])

/** Whether the bits are the same; what is not finite is stored as null and comes back as NaN, which agrees with itself. */
const same = Object.is

const relativeDistance = (old: number, young: number): number => (young === old ? 0 : Math.abs(young - old) / Math.abs(old))

/** Compares all numbers of two runs' units: what a repeat must have bit for bit. Seconds and memory are none of them. */
export function agreement(before: readonly UnitRecord[], now: readonly UnitRecord[]): Agreement {
  const [earlier, later] = [before, now].map((units) => new Map(units.flatMap(numbersOf)))
  const common = [...earlier.keys()].filter((name) => later.has(name))
  const differences = common.flatMap((name) => {
    const [old, young] = [earlier.get(name)!, later.get(name)!]
    return same(old, young) ? [] : [{ name, before: old, now: young, relative: relativeDistance(old, young) }]
  })
  const onlyBefore = [...earlier.keys()].filter((name) => !later.has(name))
  const onlyNow = [...later.keys()].filter((name) => !earlier.has(name))
  return {
    identical: differences.length + onlyBefore.length + onlyNow.length === 0,
    numbers: common.length,
    differences: differences.sort((a, b) => b.relative - a.relative),
    onlyBefore,
    onlyNow,
  }
}
