import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { InputError } from '../../engine/errors.ts'
import { nearest } from '../nearest.ts'
import { pathsOf } from './run-folder.ts'
import { listRuns } from './run-list.ts'

/** Candidates that fit in the one line of an error. */
const fewRuns = 6

/**
 * The folder of a run that somebody names: the folder itself, or the beginning of an id of a run under `root`.
 * @example findRun('20261126-1102')   // 'runs/prgd/20261126-110234-1a2b3c'
 * @throws InputError where no run, or more than one, is meant: it lists the candidates.
 */
export function findRun(name: string, root = 'runs'): string {
  if (existsSync(name)) {
    if (existsSync(pathsOf(name).run)) return name
    if (/[\\/]/.test(name)) throw new InputError('it is no run folder: it has no run.json', { where: name, fix: 'quire runs lists them' })
  }
  const runs = listRuns(root).map(({ folder, id }) => ({ folder, id: id ?? basename(folder) }))
  const exact = runs.filter(({ id }) => id === name)
  const found = exact.length ? exact : runs.filter(({ id, folder }) => id.startsWith(name) || basename(folder).startsWith(name))
  if (found.length === 1) return found[0].folder
  if (found.length > 1) {
    const some = found.slice(0, fewRuns).map(({ folder }) => folder)
    const rest = found.length > fewRuns ? `, and ${found.length - fewRuns} more` : ''
    throw new InputError(`${found.length} runs are called so`, { where: name, fix: `name one of ${some.join(', ')}${rest}` })
  }
  const guess = nearest(
    name,
    runs.map(({ id }) => id),
  )
  throw new InputError('no run folder, and no run whose id begins so', {
    where: name,
    fix: guess ? `did you mean '${guess}'?` : `quire runs lists the runs under ${root}`,
  })
}
