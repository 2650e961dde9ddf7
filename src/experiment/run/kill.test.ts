import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { comparable, scratch } from '../testing/comparable.ts'
import { walk } from '../testing/walk.ts'
import { resumeExperiment, runExperiment } from './run.ts'

const child = join(import.meta.dirname, '..', 'testing', 'child.ts')

/** Starts a run in a process of its own and kills it, without a chance to tidy up, when it has gone `steps` steps. */
function killedAfter(steps: number, folder: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = `import('vite').then((vite) => vite.runnerImport(${JSON.stringify(child)}))`
    const worker = spawn(process.execPath, ['-e', script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    let count = 0
    worker.stdout.on('data', (dots: Buffer) => {
      count += dots.length
      if (count >= steps) worker.kill('SIGKILL')
    })
    worker.on('exit', (_, signal) => (signal === 'SIGKILL' ? resolve() : reject(new Error('it ended before it was killed'))))
  })
}

test.each([3, 1 + Math.floor(Math.random() * 190), 150])(
  'killed with kill -9 after %d steps, it resumes to the same result',
  async (steps) => {
    const folder = join(scratch(), 'run')
    await killedAfter(steps, folder)
    expect(existsSync(join(folder, 'lock'))).toBe(true)
    await resumeExperiment(walk(), folder)
    const whole = await runExperiment(walk(), { preset: 'small', folder: join(scratch(), 'run') })
    expect(comparable(folder)).toEqual(comparable(whole.folder))
  },
  60_000,
)
