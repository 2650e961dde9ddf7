import { armsOf } from '../experiment/experiment.ts'
import type { Claim } from '../experiment/index.ts'
import { readRun } from '../experiment/run/run-folder.ts'
import { type Results, unitOf, unitsOf } from '../experiment/verdict/results.ts'
import { perSeed, strataOf } from '../experiment/verdict/scores.ts'
import type { Check } from './check.ts'
import { unitsIn } from './runs.ts'

/** In the smoke run already, a control is another thing than the method: what its claim measures differs. */
export const controlsDiffer: Check = {
  name: 'controls differ',
  rule: 'In the smoke run the measured number of each claim is another one with the control in the place of the method',
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
        return own !== undefined && own === broken
          ? [`control ${control.id} changes nothing: claim ${id} measures ${own} with it as without`]
          : []
      }),
    )
  },
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
