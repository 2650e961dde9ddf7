import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Experiment } from '../experiment/index.ts'
import { Interrupted } from '../experiment/run/request.ts'
import type { Check } from './check.ts'
import { differences, listed, resumeHere, runHere } from './runs.ts'

/** After which part of its steps a run is stopped, and how: asked to, as by Ctrl-C, or without being asked. */
const stops = [
  { after: 0.15, how: 'abort' },
  { after: 0.3, how: 'crash' },
  { after: 0.2, how: 'abort' },
] as const

class Crash extends Error {}

/** A run that was stopped several times ends with the same numbers, bit for bit, as one that was not. */
export const resumeExact: Check = {
  name: 'resume exact',
  rule: 'A smoke run that is interrupted twice and crashes once ends with the same SHA-256 of every number and file as an undisturbed one',
  pace: 'long',
  async run(method, setting) {
    const definition = await method.experiment()
    const undisturbed = await setting.undisturbed(method)
    const work = setting.scratch()
    for (const [i, { after, how }] of stops.entries()) {
      const step = Math.max(1, Math.round(after * undisturbed.steps))
      if (!(await stopped(definition, work, { begin: i === 0, step, how })))
        return [`it could not be stopped by ${how} at step ${step} of ${undisturbed.steps}: units must await progress once a step`]
      if (how === 'crash') leaveTornFiles(join(work, 'run'))
    }
    await resumeHere(definition, work)
    const differing = differences(undisturbed.folder, join(work, 'run'))
    return differing.length ? [`after ${stops.length} stops these differ from an undisturbed run: ${listed(differing)}`] : []
  },
}

interface Stop {
  /** Whether the run begins here, or goes on. */
  readonly begin: boolean
  /** The step, counted from here, at which it is stopped. */
  readonly step: number
  readonly how: 'abort' | 'crash'
}

/** Runs until a stop; false where it came to its end. */
async function stopped(definition: Experiment, work: string, { begin, step, how }: Stop): Promise<boolean> {
  const stop = new AbortController()
  let steps = 0
  const progress = () => {
    if (++steps !== step) return
    if (how === 'crash') throw new Crash()
    stop.abort()
  }
  const control = { signal: stop.signal, observer: { progress } }
  try {
    await (begin ? runHere(definition, work, { control }) : resumeHere(definition, work, control))
    return false
  } catch (error) {
    if (error instanceof Interrupted || error instanceof Crash) return true
    throw error
  }
}

/** What a process that died while it wrote leaves behind. */
function leaveTornFiles(run: string): void {
  appendFileSync(join(run, 'metrics.jsonl'), '{"unit":"torn","st')
  writeFileSync(join(run, 'units', 'torn.json.0.tmp'), '{"meas')
}
