import { evaluate, fromArray, grad, ndarray, type Tensor, vmap } from '../../engine/index.ts'
import type { Findings, UnitContext } from '../../experiment/index.ts'
import type { Config } from './config.ts'
import { planeSet } from './datasets.ts'
import { logExponentialLoss } from './margin.ts'
import { follow, type RuleName } from './trajectory.ts'

type Point = readonly [number, number]

/** What the picture of the plane shows. */
export interface Field {
  /** Where arrows begin, and where −∇L/‖∇L‖ points there. */
  readonly arrows: readonly { readonly at: Point; readonly direction: Point }[]
  /** w_t of each rule, and of PRGD whose norm does not grow. */
  readonly paths: readonly { readonly rule: RuleName | 'noGrowth'; readonly points: readonly Point[] }[]
}

/** The part of the plane that is shown: along the best direction, and across. */
const shown = { along: [0.1, 4], across: [-0.55, 1.2] } as const
const [columns, rows] = [18, 9]

const spread = ([from, to]: readonly [number, number], count: number): number[] =>
  Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1))

/** The field of normalized gradients in the plane, and the way that each rule takes through it. */
export async function fieldUnit({ config: { field, interval } }: UnitContext<Config, unknown>): Promise<Findings> {
  const z = planeSet(field.margin)
  const settings = { learningRate: 1, warmup: field.warmup, interval }
  const paths: Field['paths'][number][] = []
  for (const rule of ['prgd', 'ngd', 'noGrowth'] as const) {
    const run = { ...settings, growth: rule === 'prgd' ? field.rho : 1 }
    const [{ path }] = await follow(z, { rule: rule === 'noGrowth' ? 'prgd' : rule, runs: [run], steps: field.steps, path: true })
    paths.push({ rule, points: Array.from({ length: field.steps + 1 }, (_, t): Point => [path![2 * t], path![2 * t + 1]]).filter(isShown) })
  }
  const places = spread(shown.along, columns).flatMap((along) => spread(shown.across, rows).map((across): Point => [along, across]))
  const at = fromArray(ndarray(Float64Array.from(places.flat()), [places.length, 2], 'float64'))
  const examples = fromArray(z)
  const gradients = await (await evaluate(vmap((w: Tensor) => grad((w: Tensor) => logExponentialLoss(examples, w))(w))(at))).data()
  const arrows = places.map((at, i) => {
    const [a, b] = [-gradients[2 * i], -gradients[2 * i + 1]]
    return { at, direction: [a / Math.hypot(a, b), b / Math.hypot(a, b)] as const }
  })
  return { measurements: { margin: field.margin }, details: { arrows, paths } satisfies Field }
}

const isShown = ([along, across]: Point): boolean => along <= shown.along[1] && across >= shown.across[0] && across <= shown.across[1]
