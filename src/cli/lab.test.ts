import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { scratch } from '../experiment/testing/comparable.ts'
import { shell } from './testing/shell.ts'

const child = join(import.meta.dirname, 'testing', 'child.ts')
const started: ChildProcess[] = []
afterEach(() => {
  for (const lab of started.splice(0)) lab.kill('SIGKILL')
})

/** `quire lab` in a process of its own, as far as its first line. */
async function start(...words: string[]) {
  const script = `import('vite').then((vite) => vite.runnerImport(${JSON.stringify(child)}))`
  const lab = spawn(process.execPath, ['-e', script, 'lab', ...words])
  started.push(lab)
  const ended = new Promise<number | null>((resolve) => lab.once('close', resolve))
  const line = await new Promise<string>((resolve) => lab.stdout.once('data', (bytes) => resolve(String(bytes))))
  return { lab, ended, line, url: /http:\S+(?=;)/.exec(line)![0] }
}

test('prints its address, serves this machine until Ctrl-C, with a connection open, and exits with 130', async () => {
  const root = join(scratch(), 'runs')
  const { lab, ended, line, url } = await start(root, '--port', '0')
  expect(line).toMatch(/^the lab on .*runs\/ is at http:\/\/127\.0\.0\.1:\d+; Ctrl-C ends it, runs go on\n$/)
  expect(await (await fetch(`${url}/api/runs`)).json()).toEqual([])
  const names = (await (await fetch(`${url}/api/papers`)).json()) as { name: string }[]
  expect(names.map(({ name }) => name)).toContain('walk')
  lab.kill('SIGINT')
  expect(await ended).toBe(130)
  await expect(fetch(`${url}/api/runs`)).rejects.toThrow()
}, 60_000)

describe('is refused in one line', () => {
  test('where the port is in use', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const port = String((other.address() as AddressInfo).port)
    const { status, err, out } = await shell(['lab', scratch(), '--port', port])
    other.close()
    expect([status, out]).toEqual([2, ''])
    expect(err).toBe(
      `quire: --port ${port}: the port is in use, perhaps by another lab; give another one, or --port 0 for one that is free`,
    )
  })

  test.each(['-1', '65536', 'http', '1.5', ''])('where the port is %j', async (port) => {
    const { status, err } = await shell(['lab', scratch(), `--port=${port}`])
    expect(status).toBe(2)
    expect(err).toMatch(/^quire: --port: .*$/)
  })

  test('where the folder is one run, or a file', async () => {
    const folder = scratch()
    writeFileSync(join(folder, 'file'), '')
    mkdirSync(join(folder, 'run'))
    writeFileSync(join(folder, 'run', 'run.json'), '{}')
    expect((await shell(['lab', join(folder, 'file')])).err).toBe(
      `quire: ${join(folder, 'file')}: it is no folder; give the folder that holds the runs`,
    )
    expect((await shell(['lab', join(folder, 'run')])).err).toBe(
      `quire: ${join(folder, 'run')}: it is one run; give the folder that holds the runs`,
    )
  })
})

test('ends at once where it is stopped before it has begun', async () => {
  expect(await shell(['lab', scratch(), '--port', '0'], { signal: AbortSignal.abort() })).toMatchObject({ status: 130, err: 'interrupted' })
})
