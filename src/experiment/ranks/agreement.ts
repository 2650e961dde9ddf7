import { InputError } from '../../engine/errors.ts'
import { leavesWithPaths } from '../../engine/tree.ts'
import type { RunRecord } from '../run/run-folder.ts'

/** What must be the same at every rank: by paths, such as `config.epochs.mlp`. */
export type Terms = Readonly<Record<string, unknown>>

const environment = ['versions', 'machine'] as const
const request = ['method', 'preset', 'seeds', 'config', 'device', 'parallel'] as const

/** Ranks may have different amounts of memory, and share a machine or not. */
const free = new Set(['machine.memoryBytes', 'machine.cores', 'parallel.ranks'])

/** What ranks must agree on: of a new run all that decides its numbers, of one that goes on, whose rest is stored, where it runs. */
export function termsOf(record: Partial<RunRecord>, resumed: boolean): Terms {
  const names = resumed ? environment : [...request, ...environment]
  const chosen = Object.fromEntries(names.map((name) => [name, record[name]]))
  return Object.fromEntries(leavesWithPaths(chosen).filter(([path]) => !free.has(path)))
}

/** Throws where this rank has other terms than rank 0. */
export function checkTerms(rankZero: Terms, own: Terms): void {
  for (const path of new Set([...Object.keys(rankZero), ...Object.keys(own)])) {
    if (JSON.stringify(rankZero[path]) === JSON.stringify(own[path])) continue
    const fix = path.startsWith('machine')
      ? 'numbers differ between kinds of machine: choose one kind, for example with srun --constraint'
      : 'start the same quire with the same options on every node'
    throw new InputError(`${path} is ${JSON.stringify(own[path])} here and ${JSON.stringify(rankZero[path])} at rank 0`, { fix })
  }
}
