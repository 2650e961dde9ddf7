import { InputError } from '../engine/errors.ts'
import { makeReport, type Report } from '../experiment/report/report.ts'
import { evidenceDamage, renewManifest } from '../experiment/run/manifest.ts'
import { finishedUnits, readRun } from '../experiment/run/run-folder.ts'
import { listRuns } from '../experiment/run/run-list.ts'
import type { Shell } from './cli.ts'
import { findMethod } from './find-method.ts'
import { painter } from './style.ts'
import { verdictLines } from './verdicts.ts'

async function remakeOne({ methods, terminal }: Shell, folder: string): Promise<Report & { folder: string }> {
  const run = readRun(folder)
  const left = run.units.length - finishedUnits(folder, run).length
  if (left > 0 || !run.data)
    throw new InputError(`${left} of ${run.units.length} units are not finished`, {
      where: folder,
      fix: `quire run ${run.method} --resume ${folder}`,
    })
  for (const { path, what } of evidenceDamage(folder)) terminal.err(`${folder}: ${path} was ${what} after the run ended`)
  const report = await makeReport(await findMethod(methods, run.method).experiment(), folder)
  renewManifest(folder)
  return { ...report, folder }
}

/** Makes reports anew; without folders, of every complete run under runs/. Exits with the worst of the reports' statuses. */
export async function remake(shell: Shell, dirs: readonly string[], { json }: { json?: boolean }): Promise<number> {
  const { terminal } = shell
  const folders = dirs.length ? dirs : listRuns('runs').flatMap(({ folder, status }) => (status === 'complete' ? [folder] : []))
  if (!folders.length) throw new InputError('there is no complete run', { where: 'runs', fix: 'quire run <method> makes one' })
  const reports = []
  for (const folder of folders) reports.push(await remakeOne(shell, folder))
  if (json) terminal.out(JSON.stringify(reports, null, 2))
  else
    for (const report of reports)
      for (const line of [`${report.method} ${report.preset}`, ...verdictLines(report, report.folder, painter(terminal)), ''])
        terminal.out(line)
  const statuses = reports.map(({ exitStatus }) => exitStatus)
  return statuses.includes(1) ? 1 : statuses.includes(3) ? 3 : 0
}
