import { accessSync, constants, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { InputError } from '../engine/errors.ts'

/**
 * Refuses a folder for results that cannot be one, before any work is done: it need not be there, but the nearest part of its path that is must be a
 * folder that may be written.
 */
export function requirePlace(folder: string, option: string): void {
  const refuse = (what: string, cause?: unknown): never => {
    throw new InputError(what, { where: `${option} ${folder}`.trim(), fix: 'give a folder for the results', cause })
  }
  if (folder.trim() === '') refuse('no folder is named')
  for (let path = resolve(folder); ; path = dirname(path)) {
    try {
      const found = statSync(path, { throwIfNoEntry: false })
      if (!found) continue
      if (!found.isDirectory()) refuse(`${path} is a file`)
      accessSync(path, constants.W_OK)
      return
    } catch (error) {
      if (error instanceof InputError) throw error
      refuse(`cannot be used (${(error as NodeJS.ErrnoException).code})`, error)
    }
  }
}

/** The same for a file, which may be there, to be written anew. */
export function requireFilePlace(file: string, option: string): void {
  requirePlace(file.trim() && dirname(file), option)
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
    throw new InputError('is a folder', { where: `${option} ${file}`, fix: 'give a file for the results' })
}
