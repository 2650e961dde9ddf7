import { isDeepStrictEqual } from 'node:util'
import { armsOf } from '../experiment/experiment.ts'
import type { Claim } from '../experiment/index.ts'
import { readRun } from '../experiment/run/run-folder.ts'
import { type Results, unitOf, unitsOf } from '../experiment/verdict/results.ts'
import { perSeed, strataOf } from '../experiment/verdict/scores.ts'
import type { Check } from './check.ts'
import { unitsIn } from './runs.ts'

/**
 * In the smoke run already, a control is another thing than the method. What its claim measures may still agree there: a run so short may end
 * with no zeros, or all right, either way. Then something else that both units measured has to differ; that the control fails its claim is
 * what `controls fail` asks of the measured run.
 */
export const controlsDiffer: Check = {
  name: 'controls differ',
  rule: 'In the smoke run a control in the place of the method changes what the claim measures, or else what its unit measures or logs',
  pace: 'long',
  async run(method, setting) {
    const { folder, status } = await setting.smoke(method)
    if (status !== 0) return [`its smoke run ended with exit status ${status}`]
    const definition = await method.experiment()
    const { config } = readRun(folder)
    const results: Results = { config, arms: armsOf(definition, config), units: unitsIn(folder) }
    return definition.controls.flatMap((control) =>
      control.breaks.flatMap((id) => {
        const claim = definition.claims.find((claim) => claim.id === id)!
        const [own, broken] = [claim.arm, control.arm].map((arm) => measure(claim, results, arm))
        return own !== undefined && own === broken && sameNumbers(results, claim.arm, control.arm)
          ? [`control ${control.id} changes nothing: claim ${id} measures ${own} with it as without`]
          : []
      }),
    )
  },
}

/** Whether the units of two arms have the same numbers, steps included, in all that both of them have. */
function sameNumbers(results: Results, one: string, other: string): boolean {
  const numbers = (arm: string) =>
    unitsOf(results, arm).flatMap(({ measurements, series }) => Object.entries({ ...measurements, ...series }))
  const others = new Map(numbers(other))
  return numbers(one).every(([name, value]) => !others.has(name) || isDeepStrictEqual(value, others.get(name)))
}

/** What a claim measures with an arm in its place; undefined where the run lacks an arm, or the number is not finite. */
function measure(claim: Claim, results: Results, arm: string): number | undefined {
  const [own] = unitsOf(results, arm)
  const missing = {}
  const unit = (id: string) => {
    const found = own && unitOf(results, id, own.seed)
    if (!found) throw missing
    return found
  }
  if (!own || own.diverged !== undefined) return undefined
  try {
    const [value] = perSeed(
      strataOf([
        claim.measure(own, {
          seed: own.seed,
          unit,
          get baseline() {
            return unit(claim.baseline?.arm ?? claim.arm)
          },
        }),
      ]),
    )
    return Number.isFinite(value) ? value : undefined
  } catch (error) {
    if (error === missing) return undefined
    throw error
  }
}
