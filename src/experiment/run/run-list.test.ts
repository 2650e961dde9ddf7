import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scratch } from '../testing/comparable.ts'
import { walk } from '../testing/walk.ts'
import { lock } from './lock.ts'
import { runExperiment } from './run.ts'
import { listRuns } from './run-list.ts'
import { machineSpeed } from './speed.ts'

async function interrupted(root: string): Promise<string> {
  const controller = new AbortController()
  const error = await runExperiment(
    walk({ step: () => controller.abort() }),
    { preset: 'small', root },
    { signal: controller.signal },
  ).catch((caught) => caught)
  return error.folder
}

test('lists complete, interrupted, running and damaged runs', async () => {
  const root = scratch()
  const { folder } = await runExperiment(walk(), { preset: 'small', root })
  const stopped = await interrupted(root)
  mkdirSync(join(root, 'walk', 'z-empty'))
  mkdirSync(join(root, 'walk', 'z-torn'))
  writeFileSync(join(root, 'walk', 'z-torn', 'run.json'), '{"schema"')
  const runs = listRuns(root)
  expect(runs.find((run) => run.folder === folder)).toMatchObject({
    status: 'complete',
    method: 'walk',
    real: true,
    exitStatus: 0,
    verdicts: { moves: 'holds', faster: 'holds' },
  })
  expect(runs.find((run) => run.folder === stopped)).toMatchObject({ status: 'interrupted', preset: 'small' })
  expect(runs.slice(-2).map(({ status, problem }) => [status, problem])).toEqual([
    ['damaged', expect.stringContaining('no run.json')],
    ['damaged', expect.stringContaining('run.json is damaged')],
  ])
  const release = lock(stopped)
  expect(listRuns(root).find((run) => run.folder === stopped)?.status).toBe('running')
  release()
})

test('a damaged report is said', async () => {
  const root = scratch()
  const { folder } = await runExperiment(walk(), { preset: 'smoke', root })
  truncateSync(join(folder, 'report.json'), 30)
  expect(listRuns(root)[0]).toMatchObject({ status: 'complete', problem: expect.stringContaining('quire report makes it again') })
  rmSync(join(folder, 'report.json'))
  expect(listRuns(folder)[0].problem).toBeDefined()
})

test('no folder is no runs', () => expect(listRuns(join(scratch(), 'none'))).toEqual([]))

test('a speed is a positive number and says where it is from', async () => {
  const { flopsPerSecond, from } = await machineSpeed('walk', scratch())
  expect(flopsPerSecond).toBeGreaterThan(1e6)
  expect(from).toMatch(/\w/)
})
