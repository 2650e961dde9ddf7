import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { ArmKind, Experiment } from '../../experiment/definition.ts'
import { tasksOf } from '../../experiment/launch/tasks.ts'
import { namesIn, readJson } from '../../experiment/run/disk.ts'
import { lockHolder } from '../../experiment/run/lock.ts'
import { isShared, type PlannedUnit, pathsOf, type RunRecord } from '../../experiment/run/run-folder.ts'
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

/** The units of a run; of one that is shared out, as they stand in the folders of its tasks. */
export function unitStates(folder: string, run: RunRecord, running: boolean): UnitState[] {
  if (run.status === 'complete' || !isShared(folder)) return statesIn(folder, run.units, running ? (run.atATime ?? 1) : 0)
  const states = tasksOf(folder, run).flatMap((task) => {
    const isHeld = running && lockHolder(task.folder) !== undefined
    return statesIn(
      task.folder,
      run.units.filter(({ seed }) => seed === task.seed),
      isHeld ? (readAtATime(pathsOf(task.folder).run) ?? 1) : 0,
    )
  })
  const byUnit = new Map(states.map((state) => [state.planned.unit, state]))
  return run.units.map(({ unit }) => byUnit.get(unit)!)
}

const readAtATime = remembered((path) => (readJson(path) as { atATime?: number } | undefined)?.atATime)

/** Units are begun in their order, so that of those without a file the first ones train, as many as train at a time. */
function statesIn(folder: string, units: readonly PlannedUnit[], atATime: number): UnitState[] {
  let training = atATime
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
