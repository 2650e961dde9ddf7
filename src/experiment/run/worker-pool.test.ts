import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { InputError } from '../../engine/errors.ts'
import { comparable, scratch } from '../testing/comparable.ts'
import { walk } from '../testing/walk.ts'
import walkInWorkers, { startWorker } from '../testing/walk-in-workers.ts'
import { Interrupted } from './request.ts'
import { resumeExperiment, runExperiment } from './run.ts'

/** What a folder says, but for the number of threads; units that train at a time log in turns, so the order of their lines is no part of it. */
const unordered = (folder: string) => {
  const { 'metrics.jsonl': metrics, 'report.json': report, ...rest } = comparable(folder)
  return { ...rest, report: report.replace(/"(threads|atATime)":\d+/g, ''), metrics: metrics.split('\n').sort() }
}

const small = () => ({ preset: 'small' as const, folder: join(scratch(), 'run') })

const expected = async () => unordered((await runExperiment(walk(), small())).folder)

test('units side by side find what units one after another find', async () => {
  const running = new Set<string>()
  let together = 0
  const { folder } = await runExperiment(walkInWorkers, small(), {
    startWorker,
    observer: {
      unitStarted: ({ unit }) => void (together = Math.max(together, running.add(unit).size)),
      unitFinished: ({ record }) => void running.delete(record.unit),
    },
  })
  expect(unordered(folder)).toEqual(await expected())
  expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')).machine.threads).toBe(1)
  expect(together).toBe(Math.min(availableParallelism(), 10))
})

test('interrupted in the middle, several unfinished units resume to the same numbers', async () => {
  const request = small()
  const controller = new AbortController()
  let finished = 0
  const observer = { unitFinished: () => void (++finished === 3 && controller.abort()) }
  const going = runExperiment(walkInWorkers, request, { startWorker, observer, signal: controller.signal })
  await expect(going).rejects.toThrow(Interrupted)
  await resumeExperiment(walkInWorkers, request.folder, { startWorker })
  expect(unordered(request.folder)).toEqual(await expected())
})

test("a user's error in a worker is the user's error here, and stops the others", async () => {
  const request = { ...small(), settings: { steps: 21, drift: 666 } }
  const error = await runExperiment(walkInWorkers, request, { startWorker }).catch((caught) => caught)
  expect(error).toBeInstanceOf(InputError)
  expect(error.message).toBe('drift 666: it leads astray; walk on')
})
