import { existsSync } from 'node:fs'
import { tasksOf } from '../../experiment/launch/tasks.ts'
import { isShared, pathsOf } from '../../experiment/run/run-folder.ts'
import type { Observations } from '../api.ts'
import { beginning, idOf as idOfPlace, nextBatch, type Place, placeOf } from './metrics-tail.ts'
import { runRecord } from './run-record.ts'

/*
 * What a run has observed lies in its own file; while it is shared out in tasks, in a file of each, until they are gathered. A reader of both has a place
 * in each file.
 */

/** Where a reader is: in the run's own file, or by seed in those of its tasks. */
export type Reading = Place | ReadonlyMap<number, Place>

const isOfTasks = (reading: Reading): reading is ReadonlyMap<number, Place> => reading instanceof Map

/** A longer id would be refused as a header when it comes back: then all is read anew. */
const longestId = 6000

/** The id of an event: of one place, or `tasks:SEED.OFFSET.FILE …` with numbers in base 36. */
export function idOf(reading: Reading): string {
  if (!isOfTasks(reading)) return idOfPlace(reading)
  const words = Array.from(reading, ([seed, { offset, file = 0 }]) => [seed, offset, file].map((value) => value.toString(36)).join('.'))
  const id = `tasks:${words.join(' ')}`
  return id.length > longestId ? '0' : id
}

/** Whatever else somebody sends is the beginning. */
export function readingOf(id: string | undefined): Reading {
  if (!id?.startsWith('tasks:')) return placeOf(id)
  const places = id
    .slice('tasks:'.length)
    .split(' ')
    .filter(Boolean)
    .map((word) => word.split('.').map((part) => Number.parseInt(part, 36)))
  const isRight = places.every((numbers) => numbers.length === 3 && numbers.every((value) => Number.isSafeInteger(value) && value >= 0))
  return isRight ? new Map(places.map(([seed, offset, file]) => [seed, { offset, file }])) : beginning
}

export interface News {
  readonly reading: Reading
  readonly series: readonly Observations[]
}

/** What was observed since; `anew` where a file is another than before, or the tasks' files are gathered; undefined where there is nothing new. */
export function nextNews(folder: string, reading: Reading): News | 'anew' | undefined {
  const { metrics } = pathsOf(folder)
  if (existsSync(metrics) || !isShared(folder)) {
    if (isOfTasks(reading)) return 'anew'
    const batch = nextBatch(metrics, reading)
    return typeof batch === 'object' ? { reading: batch.place, series: batch.series } : batch
  }
  return isOfTasks(reading) || reading.offset === 0 ? fromTasks(folder, isOfTasks(reading) ? reading : new Map()) : 'anew'
}

function fromTasks(folder: string, places: ReadonlyMap<number, Place>): News | 'anew' | undefined {
  for (const task of tasksOf(folder, runRecord(folder))) {
    const batch = nextBatch(pathsOf(task.folder).metrics, places.get(task.seed) ?? beginning)
    if (batch === 'anew') return batch
    if (batch) return { reading: new Map([...places, [task.seed, batch.place]]), series: batch.series }
  }
  return undefined
}
