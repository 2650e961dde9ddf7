import type { RunRecord } from '../../experiment/run/run-folder.ts'
import type { UnitState } from './units.ts'

/*
 * How far a run is, from its files alone, so that it is the same for whoever started it: by the work that its units were estimated to be, the
 * time that the finished ones took, and since when others train.
 */

/** A unit that takes longer than was expected of it is never done before its file is there. */
const nearlyDone = 0.97

export interface Progress {
  /** From 0 to 1. */
  readonly done: number
  /** Seconds. */
  readonly left?: number
}

/** The work of each unit, in seconds where all were estimated so, else in operations; units without an estimate are all alike. */
function worksOf(states: readonly UnitState[]): number[] {
  const seconds = states.map(({ planned }) => planned.seconds ?? 0)
  if (seconds.every((value) => value > 0)) return seconds
  const flops = states.map(({ planned }) => planned.flops)
  return flops.every((value) => value > 0) ? flops : states.map(() => 1)
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

/** Since when each of the units that train now does: whenever the run was taken up or another unit ended, the next one began. */
function beginnings(states: readonly UnitState[], takenUp: number, count: number): number[] {
  const ends = states.flatMap(({ finished }) => (finished !== undefined && finished > takenUp ? [finished] : []))
  return [...Array.from({ length: count }, () => takenUp), ...ends].sort((a, b) => a - b).slice(-count)
}

/**
 * @param pace seconds that a unit of work takes, where another run told it
 */
export function progressOf(run: RunRecord, states: readonly UnitState[], now = Date.now(), pace?: number): Progress {
  const works = worksOf(states)
  const all = total(works)
  const isDone = states.map(({ seconds }) => seconds !== undefined)
  const finished = total(works.filter((_, i) => isDone[i]))
  const rate = finished > 0 ? total(states.map(({ seconds = 0 }) => seconds)) / finished : pace
  const training = states.flatMap(({ state }, i) => (state === 'training' ? [i] : []))
  if (rate === undefined || rate <= 0 || training.length === 0) return { done: all > 0 ? finished / all : 0 }
  const begun = beginnings(states, Date.parse(run.resumed.at(-1) ?? run.started), training.length)
  const current = total(training.map((i, k) => works[i] * Math.min(nearlyDone, Math.max(0, now - begun[k]) / 1000 / (works[i] * rate))))
  const rest = all - finished - current
  return {
    done: (finished + current) / all,
    left: (rest * rate) / Math.min(run.atATime ?? 1, states.length - isDone.filter(Boolean).length),
  }
}
