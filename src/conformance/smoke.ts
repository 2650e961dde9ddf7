import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Report } from '../experiment/index.ts'
import type { RunRecord } from '../experiment/run/run-folder.ts'
import type { Check } from './check.ts'
import type { SmokeRun } from './setting.ts'

/** On two cores. */
const secondsAllowed = 20
const cores = 2

/**
 * Too slow is what takes too long on the clock and would do so on two idle cores as well: on a machine that is busy with other things the clock
 * alone says nothing.
 */
export function tooSlow({ seconds, processorSeconds }: Pick<SmokeRun, 'seconds' | 'processorSeconds'>): string[] {
  const alone = Math.min(seconds, processorSeconds / cores)
  return alone > secondsAllowed ? [`it takes ${alone.toFixed(0)} s on ${cores} cores; ${secondsAllowed} are allowed`] : []
}

/** The smoke preset walks the whole path within 20 s, judges nothing, exits with 0, and leaves a complete run folder. */
export const smoke: Check = {
  name: 'smoke',
  rule: 'The smoke preset walks the whole path within 20 s on 2 cores, judges nothing, exits with 0 and leaves a complete run folder',
  pace: 'long',
  async run(method, setting) {
    const run = await setting.smoke(method)
    if (run.status !== 0) return [`exit status ${run.status}: ${run.err.slice(-400)}`]
    return [...tooSlow(run), ...incomplete(run.folder)]
  },
}

/** What a complete run folder lacks. */
export function incomplete(folder: string): string[] {
  const lacking = ['run.json', 'metrics.jsonl', 'report.json', 'report.md', 'report.html', 'artifacts', 'checkpoints', 'units'].filter(
    (name) => !existsSync(join(folder, name)),
  )
  if (lacking.length > 0) return [`the run folder has no ${lacking.join(', ')}`]
  const json = <T>(name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as T
  const [record, report] = [json<RunRecord>('run.json'), json<Report>('report.json')]
  return [
    ...(record.status === 'complete' ? [] : [`run.json says ${record.status}`]),
    ...record.units
      .filter(({ unit }) => !existsSync(join(folder, 'units', `${unit}.json`)))
      .map(({ unit }) => `unit ${unit} is not stored`),
    ...observationProblems(readFileSync(join(folder, 'metrics.jsonl'), 'utf8')),
    ...(report.claims.length + report.controls.length === 0 ? [] : ['it judges claims']),
    ...(['method', 'preset', 'seeds', 'data', 'cost'] as const)
      .filter((key) => report[key] === undefined)
      .map((key) => `report.json has no ${key}`),
    ...report.figures.flatMap((id) =>
      [`${id}.svg`, `${id}.zh.svg`]
        .filter((name) => !isFile(join(folder, 'artifacts', name)))
        .map((name) => `the figure ${name} is not there`),
    ),
    ...(/<(?:script|link|img)[^>]+(?:src|href)="https?:/.test(readFileSync(join(folder, 'report.html'), 'utf8'))
      ? ['report.html needs the network']
      : []),
  ]
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true

function observationProblems(text: string): string[] {
  const lines = text.split('\n').filter(Boolean)
  if (lines.length === 0) return ['metrics.jsonl has no observation']
  const wrong = lines.findIndex((line) => {
    const { unit, step, name, time } = JSON.parse(line) as Record<string, unknown>
    return typeof unit !== 'string' || typeof step !== 'number' || typeof name !== 'string' || time === undefined
  })
  return wrong < 0 ? [] : [`line ${wrong + 1} of metrics.jsonl is no observation {unit, step, name, value, time}`]
}
