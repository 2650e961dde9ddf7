import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { scratch } from '../testing/comparable.ts'
import { deadAfter, heartbeatEvery, lock, lockHolder } from './lock.ts'

const lockModule = join(import.meta.dirname, 'lock.ts')

/** Takes the lock when all are ready, says so, and holds it until its input ends. */
const contender = `
import('vite').then((vite) => vite.runnerImport(${JSON.stringify(lockModule)})).then(({ module: { lock } }) => {
  console.log('ready')
  process.stdin.once('data', () => {
    try { lock(process.argv[1]); console.log('won') } catch (error) { console.log('refused: ' + error.message) }
  })
  process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL'))
})`

/** What each of some processes got that asked at the same time. */
async function race(folder: string, count: number): Promise<string[]> {
  const children = Array.from({ length: count }, () =>
    spawn(process.execPath, ['-e', contender, folder], { stdio: ['pipe', 'pipe', 'inherit'] }),
  )
  const said = children.map(() => '')
  let look = () => {}
  for (const [i, child] of children.entries())
    child.stdout.on('data', (bytes) => {
      said[i] += bytes
      look()
    })
  const all = (word: RegExp) => new Promise<void>((resolve) => (look = () => void (said.every((text) => word.test(text)) && resolve())))
  await all(/ready/)
  const answered = all(/won|refused/)
  for (const child of children) child.stdin.write('go\n')
  await answered
  await Promise.all(
    children.map(
      (child) =>
        new Promise((resolve) => {
          child.once('close', resolve)
          child.stdin.end()
        }),
    ),
  )
  return said.map((text) => text.replace('ready\n', '').trim())
}

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('of processes that ask at once exactly one wins', () => {
  test.each([
    ['a free folder', () => undefined],
    ['one whose holder is dead', () => ({ pid: spawnSync('true').pid, host: hostname() })],
  ])(
    '%s',
    async (_, before) => {
      const folder = scratch()
      const dead = before()
      if (dead) writeFileSync(join(folder, 'lock'), JSON.stringify(dead))
      const answers = await race(folder, 6)
      expect(answers.filter((answer) => answer === 'won')).toHaveLength(1)
      expect(answers.filter((answer) => /^refused: .* is (working in|taking) this run folder/.test(answer))).toHaveLength(5)
      expect(readdirSync(folder)).toEqual(['lock'])
      // All of them are dead now.
      expect(lockHolder(folder)).toBeUndefined()
      lock(folder)()
    },
    60_000,
  )
})

describe('the lock of another machine', () => {
  const elsewhere = (silentFor: number) => {
    const folder = scratch()
    const path = join(folder, 'lock')
    writeFileSync(path, JSON.stringify({ pid: 1, host: 'elsewhere' }))
    const seen = (Date.now() - silentFor) / 1000
    utimesSync(path, seen, seen)
    return folder
  }

  test('is respected while it gives signs of life', () => {
    const folder = elsewhere(deadAfter - 20_000)
    expect(lockHolder(folder)).toMatchObject({ host: 'elsewhere' })
    expect(() => lock(folder)).toThrow(
      /process 1 on elsewhere is working .* taken over 10 min 0 s after its last sign of life .*, or remove .*lock/,
    )
  })

  test('is taken over when it has given none for long', () => {
    const folder = elsewhere(deadAfter + 20_000)
    expect(lockHolder(folder)).toBeUndefined()
    lock(folder)()
  })

  test('is judged by the clock of the file system, not by that of this machine', () => {
    const folder = elsewhere(0)
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 100 * deadAfter)
    expect(() => lock(folder)).toThrow(/process 1 on elsewhere/)
  })
})

describe('signs of life', () => {
  test('come every few seconds and change nothing but the time', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const folder = scratch()
    const release = lock(folder)
    const path = join(folder, 'lock')
    const before = readFileSync(path, 'utf8')
    utimesSync(path, 1, 1)
    vi.advanceTimersByTime(heartbeatEvery)
    expect(lockHolder(folder)!.lastSeen).toBeGreaterThan(Date.now() - 60_000)
    expect(readFileSync(path, 'utf8')).toBe(before)
    release()
    expect(existsSync(path)).toBe(false)
  })

  test.each<[string, (path: string) => void]>([
    ['removed', (path) => unlinkSync(path)],
    [
      'taken over',
      (path) => {
        unlinkSync(path)
        writeFileSync(path, 'of another')
      },
    ],
  ])('a holder whose lock was %s is told, and leaves what is there alone', (_, meddle) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const folder = scratch()
    const lost = vi.fn()
    const release = lock(folder, lost)
    meddle(join(folder, 'lock'))
    const after = readdirSync(folder)
    vi.advanceTimersByTime(3 * heartbeatEvery)
    expect(lost).toHaveBeenCalledOnce()
    release()
    expect(readdirSync(folder)).toEqual(after)
  })
})
