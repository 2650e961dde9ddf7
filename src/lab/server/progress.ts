import type { RunRecord } from '../../experiment/run/run-folder.ts'
import type { UnitState } from './units.ts'

/*
 * How far a run is, from its files alone, so that it is the same for whoever started it: by the work that its units were estimated to be, the time
 * that the finished ones took, and since when others train.
 */

/** A unit that takes longer than was expected of it is never done before its file is there. */
const nearlyDone = 0.97

export interface Progress {
  /** From 0 to 1. */
  readonly done: number
  /** Seconds; absent where nothing tells how long a unit takes. */
  readonly left?: number
}

interface Works {
  readonly unit: 'seconds' | 'operations' | 'units'
  readonly values: readonly number[]
}

/** The work of each unit, in seconds where all were estimated so, else in operations; without estimates all are alike. */
function worksOf(states: readonly UnitState[]): Works {
  const seconds = states.map(({ planned }) => planned.seconds ?? 0)
  if (seconds.every((value) => value > 0)) return { unit: 'seconds', values: seconds }
  const flops = states.map(({ planned }) => planned.flops)
  if (flops.every((value) => value > 0)) return { unit: 'operations', values: flops }
  return { unit: 'units', values: states.map(() => 1) }
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

/** Since when each of the units that train now does: whenever the run was taken up or another unit ended, the next one began. */
function beginnings(states: readonly UnitState[], takenUp: number, count: number): number[] {
  const ends = states.flatMap(({ finished }) => (finished !== undefined && finished > takenUp ? [finished] : []))
  return [...Array.from({ length: count }, () => takenUp), ...ends].sort((a, b) => a - b).slice(-count)
}

/** Seconds that a unit of work takes before any unit of the run has told it. */
function expectedPace({ unit }: Works, speed: () => number | undefined): number | undefined {
  if (unit === 'seconds') return 1
  const flopsPerSecond = unit === 'operations' ? speed() : undefined
  return flopsPerSecond && 1 / flopsPerSecond
}

/**
 * @param now milliseconds since 1970
 * @param speed operations a second of another run of the method, if there is one
 */
export function progressOf(run: RunRecord, states: readonly UnitState[], now: number, speed: () => number | undefined): Progress {
  const works = worksOf(states)
  const workOf = (state: UnitState['state']) => states.flatMap((unit, i) => (unit.state === state ? [works.values[i]] : []))
  const [all, training] = [total(works.values), workOf('training')]
  const finished = all - total(training) - total(workOf('waiting'))
  const seconds = total(states.map(({ seconds = 0 }) => seconds))
  const pace = finished > 0 && seconds > 0 ? seconds / finished : expectedPace(works, speed)
  const rounded = (work: number) => (all > 0 ? Math.round((work / all) * 1e4) / 1e4 : 0)
  if (!pace || training.length === 0) return { done: rounded(finished) }
  const begun = beginnings(states, Date.parse(run.resumed.at(-1) ?? run.started), training.length)
  const partsDone = training.map((work, i) => Math.min(nearlyDone, Math.max(0, now - begun[i]) / 1000 / (work * pace)))
  const current = total(training.map((work, i) => work * partsDone[i]))
  return { done: rounded(finished + current), left: Math.round(((all - finished - current) * pace) / training.length) }
}
