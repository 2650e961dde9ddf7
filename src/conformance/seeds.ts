import type { Experiment } from '../experiment/index.ts'
import type { Check } from './check.ts'
import { differences, listed, runHere, unitsIn } from './runs.ts'

/** The seed decides the numbers, and nothing else does. */
export const seeds: Check = {
  name: 'seeds',
  rule: 'The same seed gives the same bits, in worker threads and in one thread; another seed gives other numbers',
  pace: 'long',
  async run(method, setting) {
    const definition = await method.experiment()
    const { folder } = await setting.undisturbed(method)
    const again = await setting.smoke(method)
    if (again.status !== 0) return [`its smoke run ended with exit status ${again.status}`]
    const differing = differences(folder, again.folder)
    const other = await runHere(definition, setting.scratch(), { seeds: [1] })
    const alike = [...drawnArms(definition)].filter((arm) => measurements(folder, arm) === measurements(other, arm))
    return [
      ...(differing.length ? [`the same seed gives other numbers: ${listed(differing)}`] : []),
      ...(alike.length ? [`another seed gives the same numbers in ${listed(alike)}`] : []),
    ]
  },
}

/** Arms that claims judge by several seeds: an arm of claims that say they are deterministic draws nothing. */
const drawnArms = ({ claims }: Experiment): Set<string> => new Set(claims.filter(({ single }) => !single).map(({ arm }) => arm))

/** Of an arm in a run of one seed; nothing where the run has no such arm, or it measured nothing. */
function measurements(folder: string, arm: string): string | symbol {
  const unit = unitsIn(folder).find((unit) => unit.arm === arm)
  return unit && Object.keys(unit.measurements).length > 0 ? JSON.stringify([unit.measurements, unit.series]) : Symbol(arm)
}
