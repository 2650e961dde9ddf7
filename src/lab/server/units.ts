import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { ArmKind, Experiment } from '../../experiment/definition.ts'
import { namesIn, readJson } from '../../experiment/run/disk.ts'
import { type PlannedUnit, pathsOf, type RunRecord } from '../../experiment/run/run-folder.ts'
import { storedUnit } from '../../experiment/run/stored.ts'
import type { RunUnit } from '../api.ts'
import { remembered } from './memo.ts'

/** What is told of a unit's file before its curves. */
interface Finished {
  readonly seconds: number
  readonly diverged: boolean
}

const readFinished = remembered((path): Finished | undefined => {
  const { data } = storedUnit.safeParse(readJson(path))
  return data && { seconds: data.seconds, diverged: data.diverged !== undefined }
})

/** A unit of a run, and how it stands. */
export interface UnitState {
  readonly planned: PlannedUnit
  readonly state: RunUnit['state']
  /** For which it trained; of a finished one. */
  readonly seconds?: number
  /** When its file was written, in milliseconds. */
  readonly finished?: number
}

/** Units are begun in their order, so that of those without a file the first ones train, as many as train at a time. */
export function unitStates(folder: string, { units, atATime = 1 }: RunRecord, running: boolean): UnitState[] {
  let training = running ? atATime : 0
  const names = new Set(namesIn(pathsOf(folder).units))
  return units.map((planned): UnitState => {
    const name = `${planned.unit}.json`
    const path = join(pathsOf(folder).units, name)
    const finished = names.has(name) ? readFinished(path) : undefined
    if (!finished) return { planned, state: training-- > 0 ? 'training' : 'waiting' }
    const { seconds, diverged } = finished
    return { planned, state: diverged ? 'diverged' : 'finished', seconds, finished: lstatSync(path, { throwIfNoEntry: false })?.mtimeMs }
  })
}

/** Units with what their arms are called; an arm that the method does not have any more is called by its id. */
export function runUnits(states: readonly UnitState[], arms: ReturnType<Experiment['arms']>): RunUnit[] {
  return states.map(({ planned: { unit, arm, seed }, state }) => {
    const known = arms.find(({ id }) => id === arm)
    return { unit, arm, label: known?.label ?? arm, kind: known?.kind ?? ('reference' satisfies ArmKind), seed, state }
  })
}
