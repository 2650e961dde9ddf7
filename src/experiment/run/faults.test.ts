import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { Experiment } from '../definition.ts'
import { comparable, scratch } from '../testing/comparable.ts'
import { mend, shortWrites } from '../testing/faults.ts'
import { powerCutAt } from '../testing/power-cut.ts'
import { draws, modes, sweep } from '../testing/sweep.ts'
import { walk } from '../testing/walk.ts'
import { operations, writeAtomically } from './disk.ts'
import { runExperiment } from './run.ts'

afterEach(mend)

/** Two arms of three checkpoints: the first is pruned. */
const short = (): Experiment => ({ ...walk(), arms: (config) => walk().arms(config).slice(0, 2) })
const request = { preset: 'smoke' as const, settings: { steps: 11 } }

/** Each operation fails in one way: with an error, for want of space, since the process or the machine dies. `npm run test:faults` does this to the real methods. */
test('after a fault at the k-th file operation, for every k of a run, what resumes is the same', async () => {
  const { operations, cases, failures } = await sweep(short(), request, { stride: modes.length })
  expect(failures).toEqual([])
  expect(operations).toBeGreaterThan(300)
  expect(cases).toBeGreaterThan(0.9 * operations)
})

describe('a power cut', () => {
  /** What a file that held `old` may hold after the power went before the k-th operation of writing `new`. */
  function found(write: (path: string) => void): Set<string> {
    const contents = new Set<string>()
    for (let k = 1, done = false; !done; k++)
      for (let seed = 0; seed < 8; seed++) {
        const folder = scratch()
        const path = join(folder, 'a.txt')
        writeFileSync(path, 'old')
        const { count, cutTo } = powerCutAt(k, folder)
        try {
          write(path)
        } catch {}
        done = count() < k
        const after = join(scratch(), 'after')
        cutTo(after, draws(seed))
        mend()
        const survivor = join(after, 'a.txt')
        contents.add(existsSync(survivor) ? readFileSync(survivor, 'utf8') : 'none')
      }
    return contents
  }

  test('leaves the old content or the new one', () =>
    expect(found((path) => writeAtomically(path, 'newer'))).toEqual(new Set(['old', 'newer'])))

  test('can be seen where a file is not synced before it is renamed', () => {
    const careless = (path: string) => {
      const file = operations.open(`${path}.tmp`, 'wx')
      operations.write(file, new TextEncoder().encode('newer'), 0, 5)
      operations.close(file)
      operations.rename(`${path}.tmp`, path)
    }
    expect([...found(careless)].filter((content) => content !== 'old' && content !== 'newer')).not.toEqual([])
  })
})

test('a sweep sees a checkpoint that is not durable when it says so', async () => {
  const forgetful: Experiment = {
    ...short(),
    // Counts on a file of its own that is written in place.
    async unit(context) {
      const path = join(tmpdir(), `quire-test-forgetful-${process.pid}`)
      const file = operations.open(path, 'a')
      operations.close(file)
      const before = readFileSync(path).length
      writeFileSync(path, 'x'.repeat(before + 1))
      const { measurements } = await short().unit(context)
      return { measurements: { ...measurements, before } }
    },
  }
  const { failures } = await sweep(forgetful, request, { modes: ['killed'], stride: 40 })
  expect(failures.length).toBeGreaterThan(0)
})

test('writes that come through in pieces change nothing', async () => {
  const whole = await runExperiment(short(), { ...request, folder: join(scratch(), 'run') })
  const pieces = shortWrites(7)
  const torn = await runExperiment(short(), { ...request, folder: join(scratch(), 'run') })
  expect(pieces()).toBeGreaterThan(1000)
  expect(comparable(torn.folder)).toEqual(comparable(whole.folder))
})
