import { join } from 'node:path'
import { InputError } from '../../../engine/errors.ts'
import { readJson } from '../../run/disk.ts'
import { finishedUnits, readRun } from '../../run/run-folder.ts'
import type { Figure } from '../figure.ts'
import type { Report } from '../report.ts'
import type { Side } from './comparison.ts'

/** What a run folder holds for a comparison, or an error that says what it lacks. */
export function readSide(folder: string): Side {
  const run = readRun(folder)
  const report = readJson(join(folder, 'report.json')) as Report | undefined
  if (!Array.isArray(report?.claims))
    throw new InputError('it has no report.json that can be read', {
      where: folder,
      fix: run.status === 'complete' ? `quire report ${folder} makes it` : `quire run ${run.method} --resume ${folder}`,
    })
  const figures = (readJson(join(folder, 'artifacts', 'figures.json')) as readonly Figure[] | undefined) ?? []
  return { folder, report, figures, units: finishedUnits(folder, run) }
}
