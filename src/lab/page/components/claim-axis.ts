/** What of a claim is drawn: all in the unit of the claim. */
export interface ClaimNumbers {
  readonly threshold: number
  readonly direction: 'atLeast' | 'atMost'
  readonly estimate: number | null
  readonly interval: readonly [number, number] | null
  /** Single seeds. */
  readonly values: readonly (number | null)[]
  /** The control that came nearest to passing. */
  readonly control?: { readonly estimate: number | null; readonly interval: readonly [number, number] | null }
}

/** Places from 0 to 1. What lies outside is at an end, and `outside` says on which side. */
export interface ClaimAxis {
  readonly bar: number
  /** The side on which the claim passes. */
  readonly passes: readonly [number, number]
  readonly estimate?: number
  readonly interval?: readonly [number, number]
  readonly values: readonly number[]
  readonly control?: { readonly estimate?: number; readonly interval?: readonly [number, number]; readonly outside?: 'left' | 'right' }
  /** What the ends stand for. */
  readonly domain: readonly [number, number]
}

/** By how much the axis may grow so that the control is on it; where it is farther, the method's interval would be a dot. */
const roomForControl = 4

const isNumber = (value: number | null | undefined): value is number => typeof value === 'number' && Number.isFinite(value)

const spanOf = (numbers: readonly number[]): [number, number] => [Math.min(...numbers), Math.max(...numbers)]

const widened = ([low, high]: readonly [number, number], share: number): [number, number] => {
  const margin = (high - low || Math.abs(high) || 1) * share
  return [low - margin, high + margin]
}

/** Places the numbers of a claim on an axis of its own. */
export function claimAxis({ threshold, direction, estimate, interval, values, control }: ClaimNumbers): ClaimAxis {
  const own = spanOf([threshold, estimate, ...(interval ?? []), ...values].filter(isNumber))
  const beside = [control?.estimate, ...(control?.interval ?? [])].filter(isNumber)
  const all = spanOf([...own, ...beside])
  const fits = all[1] - all[0] <= roomForControl * (own[1] - own[0])
  const domain = widened(fits ? all : own, 0.08)
  const place = (value: number) => Math.min(1, Math.max(0, (value - domain[0]) / (domain[1] - domain[0])))
  const maybe = (value: number | null | undefined) => (isNumber(value) ? place(value) : undefined)
  const both = (ends: readonly [number, number] | null | undefined) =>
    ends?.every(isNumber) ? ([place(ends[0]), place(ends[1])] as const) : undefined
  const bar = place(threshold)
  return {
    bar,
    passes: direction === 'atLeast' ? [bar, 1] : [0, bar],
    estimate: maybe(estimate),
    interval: both(interval),
    values: values.filter(isNumber).map(place),
    ...(beside.length && {
      control: { estimate: maybe(control?.estimate), interval: both(control?.interval), outside: outsideOf(control?.estimate, domain) },
    }),
    domain,
  }
}

const outsideOf = (value: number | null | undefined, [low, high]: readonly [number, number]): 'left' | 'right' | undefined =>
  isNumber(value) ? (value < low ? 'left' : value > high ? 'right' : undefined) : undefined
