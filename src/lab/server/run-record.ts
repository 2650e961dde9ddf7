import { join } from 'node:path'
import { pathsOf, type RunRecord, readRun } from '../../experiment/run/run-folder.ts'
import { remembered } from './memo.ts'

const recordOf = remembered((path): RunRecord => readRun(join(path, '..')))

/** run.json of a folder. @throws InputError */
export const runRecord = (folder: string): RunRecord => recordOf(pathsOf(folder).run) ?? readRun(folder)
