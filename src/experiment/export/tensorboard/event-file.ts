import { readdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { InputError } from '../../../engine/errors.ts'
import { asInputError, operations } from '../../run/disk.ts'
import { StagedFile } from '../staged-file.ts'
import { type SummaryValue, summaryEvent, versionEvent } from './event.ts'
import { record } from './record.ts'

const own = /^events\.out\.tfevents\.\d+\..+\.quire$/

/** Without `tfevents` in its name, TensorBoard does not read it. */
const unfinished = 'quire-export.tmp'

/** The one event file that Quire has in a folder; it replaces that of an earlier export. */
export class EventFile {
  readonly #folder: string
  readonly #name: string
  readonly #file: StagedFile

  /** @param time seconds since 1970 at which what it tells of began: the same for every export */
  constructor(folder: string, time: number) {
    this.#folder = folder
    this.#name = `events.out.tfevents.${Math.floor(time)}.${hostname() || 'localhost'}.quire`
    this.#file = new StagedFile(folder, unfinished)
    this.#file.append(record(versionEvent(time)))
  }

  /** @param time seconds since 1970 */
  add(time: number, step: number, value: SummaryValue): void {
    this.#file.append(record(summaryEvent(time, step, value)))
  }

  finish(): void {
    this.#file.finish()
  }

  /** Puts the finished file in its place. One that an earlier export named otherwise, on another machine, goes. */
  commit(): void {
    this.#file.commit(this.#name)
    for (const name of namesIn(this.#folder))
      if (own.test(name) && name !== this.#name) operations.remove(join(this.#folder, name), { force: true })
  }

  discard(): void {
    this.#file.discard()
  }
}

/** TensorBoard loses data where two writers have files in a folder, so Quire does not write beside others. */
export function refuseForeignEvents(folder: string): void {
  const foreign = namesIn(folder).find((name) => name.includes('tfevents') && !own.test(name))
  if (foreign)
    throw new InputError(`it holds an event file of another program, ${foreign}; TensorBoard loses data where two write in a folder`, {
      where: folder,
      fix: 'choose another folder',
    })
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw asInputError(error, folder)
  }
}
