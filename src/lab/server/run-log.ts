import { closeSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** Beside the runs, not in their folders: a run whose data are refused leaves no folder, and what it said is told all the same. */
const logOf = (root: string, folder: string): string =>
  join(root, '.quire', 'logs', `${relative(root, folder).replaceAll(/[\\/]/g, '--')}.log`)

/** Opens the log of a run to append to it. */
export function openLog(root: string, folder: string): number {
  const path = logOf(root, folder)
  mkdirSync(dirname(path), { recursive: true })
  return openSync(path, 'a')
}

/** A log that grew without end is read from its end. */
const tail = 4096

/** What the process of a run said last, if the lab started it. */
export const lastWords = (root: string, folder: string): string | undefined =>
  lastLines(root, folder)
    .at(-1)
    ?.replace(/^quire: /, '') || undefined

/** Whether the process of a run, if the lab started it, had read its data: it says so, and then how far it is. */
export const hadBegun = (root: string, folder: string): boolean => lastLines(root, folder).some((line) => /^(?:data: |\d+% )/.test(line))

function lastLines(root: string, folder: string): string[] {
  try {
    return endOf(logOf(root, folder)).trimEnd().split('\n')
  } catch {
    return []
  }
}

function endOf(path: string): string {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    const bytes = Buffer.alloc(Math.min(tail, size))
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, size - bytes.length))
  } finally {
    closeSync(file)
  }
}
