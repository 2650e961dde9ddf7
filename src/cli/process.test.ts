import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scratch } from '../experiment/testing/comparable.ts'

const child = join(import.meta.dirname, 'testing', 'child.ts')

interface Ended {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

/** The command line in a process of its own. */
function start(argv: readonly string[], watch: (worker: ChildProcess, err: string) => void = () => {}): Promise<Ended> {
  return new Promise((resolve) => {
    const script = `import('vite').then((vite) => vite.runnerImport(${JSON.stringify(child)}))`
    const worker = spawn(process.execPath, ['-e', script, ...argv])
    let [out, err] = ['', '']
    worker.stdout.on('data', (bytes) => (out += bytes))
    worker.stderr.on('data', (bytes) => {
      err += bytes
      watch(worker, err)
    })
    worker.on('close', (status) => resolve({ status, out, err }))
  })
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s exits with 130, leaves no lock, and can be resumed',
  async (signal) => {
    const folder = join(scratch(), 'run')
    let sent = false
    const ended = await start(['run', 'walk', '--out', folder], (worker, err) => {
      if (!sent && err.includes('straight/walk')) sent = worker.kill(signal)
    })
    expect(ended.status).toBe(130)
    expect(ended.err).toContain(`interrupted; go on with: quire run walk --resume ${folder}`)
    expect(existsSync(join(folder, 'lock'))).toBe(false)
    const resumed = await start(['run', 'walk', '--resume', folder, '--json'])
    expect(resumed.status).toBe(0)
    expect(JSON.parse(resumed.out)).toMatchObject({ outcome: 'holds', resumed: 1 })
  },
  60_000,
)

test('results and progress are on their own streams', async () => {
  const { status, out, err } = await start(['run', 'walk', '--preset', 'smoke', '--out', join(scratch(), 'run')])
  expect(status).toBe(0)
  expect(out).toContain('report: ')
  expect(out).not.toContain('reading nothing')
  expect(err).toContain('reading nothing')
})

test('a device that is not there is an input error, said before anything is trained', async () => {
  const folder = join(scratch(), 'run')
  const { status, out, err } = await start(['run', 'walk', '--preset', 'smoke', '--device', 'cuda', '--out', folder])
  if (status === 0) return
  expect(status).toBe(2)
  expect(err).toMatch(/^quire: --device cuda: it does not work here: .*; quire doctor/m)
  expect(out).toBe('')
  expect(existsSync(folder)).toBe(false)
})
