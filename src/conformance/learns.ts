import { mergeLayers, type PlainObject } from '../experiment/config.ts'
import { armsOf, presetConfig } from '../experiment/experiment.ts'
import type { Arm } from '../experiment/index.ts'
import { type Bar, judge } from '../experiment/verdict/verdict.ts'
import type { Check } from './check.ts'
import { runHere, unitsIn } from './runs.ts'

const seeds = [0, 1, 2, 3, 4]

/**
 * A tenth of the first value. Judged like a claim, by the interval over five seeds, so that the arm without learning fails the same bar: noise
 * that gave one of five a gain of a tenth would have to move all of them.
 */
const bar: Bar = { threshold: 0.1, direction: 'atLeast' }

/** The method improves what it says that it improves; with learning made impossible it does not. */
export const learns: Check = {
  name: 'learns',
  rule: 'On tiny data the method improves its own objective by a tenth, over five seeds, and does not where learning is made impossible',
  pace: 'long',
  async run(method, setting) {
    const definition = await method.experiment()
    const { learning } = definition
    if (!learning) return ["its experiment has no 'learning', which says what shows that it learns"]
    const config = mergeLayers(presetConfig(definition, 'smoke') as PlainObject, (learning.config ?? {}) as PlainObject)
    const arm = armsOf(definition, config).find(({ id }) => id === learning.arm)
    if (!arm) return [`its learning is of arm '${learning.arm}', which the smoke preset does not have`]
    const without: Arm = { ...arm, id: `${arm.id}/without`, config: mergeLayers(arm.config ?? {}, learning.without as PlainObject) }
    const tiny = {
      ...definition,
      arms: () => [arm, without].map((arm) => ({ ...arm, seeds: 'all' as const })),
      claims: [],
      controls: [],
      figures: undefined,
      learning: undefined,
    }
    const units = unitsIn(await runHere(tiny, setting.scratch(), { seeds, settings: learning.config as PlainObject }))
    const gains = (id: string) =>
      units.filter((unit) => unit.arm === id).map(({ series }) => gain(series[learning.series]?.y, learning.direction))
    const text = (values: readonly number[]) => values.map((value) => value.toPrecision(2)).join(', ')
    const [with_, none] = [gains(arm.id), gains(without.id)]
    return [
      ...(judge(with_, bar).verdict === 'holds' ? [] : [`it does not learn: ${learning.series} of ${arm.id} gains ${text(with_)}`]),
      ...(judge(none, bar).verdict === 'fails' ? [] : [`it seems to learn where it cannot: ${learning.series} gains ${text(none)}`]),
    ]
  },
}

/** By how much the last value is better than the first, in units of the first; not a number where there is no such series. */
function gain(values: readonly number[] = [], direction: 'down' | 'up'): number {
  const [first, last] = [values[0], values[values.length - 1]]
  return (direction === 'down' ? first - last : last - first) / Math.abs(first)
}
