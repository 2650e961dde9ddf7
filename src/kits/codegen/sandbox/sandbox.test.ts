import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { runPython, type SandboxOptions } from './sandbox.ts'

const options: SandboxOptions = { isolation: 'namespaces', seconds: 5 }

/** Where there are no namespaces, that is said, and nothing is run. */
const isWalled = await runPython('', options).then(
  () => true,
  (error: Error) => {
    expect(error.message).toMatch(/--sandbox limits|python3/)
    return false
  },
)

const run = (program: string, more: Partial<SandboxOptions> = {}) => runPython(program, { ...options, ...more })

describe.runIf(isWalled)('behind walls', () => {
  test('a program passes or fails', async () => {
    expect(await run('assert 1 + 1 == 2\nprint("done")')).toMatchObject({ outcome: 'passed', output: 'done\n' })
    expect(await run('assert 1 + 1 == 3, "no"')).toMatchObject({ outcome: 'failed', detail: 'AssertionError: no' })
    expect((await run('def f(:')).detail).toMatch(/SyntaxError/)
    expect((await run('import sys; sys.exit(3)')).outcome).toBe('failed')
  })

  test('no address is reached, not even this machine’s own', async () => {
    for (const address of ['("127.0.0.1", 22)', '("1.1.1.1", 53)', '("localhost", 80)'])
      expect((await run(`import socket\nsocket.create_connection(${address}, 2)`)).outcome).toBe('failed')
    const { output } = await run('import socket\nprint([name for _, name in socket.if_nameindex()])')
    expect(output).toBe("['lo']\n")
  })

  test('nothing is written but to its own disk, which is small', async () => {
    for (const path of ['/quire-was-here', '/var/tmp/quire-was-here', `${process.cwd()}/quire-was-here`])
      expect((await run(`open(${JSON.stringify(path)}, "w")`)).detail).toMatch(/Read-only|Permission denied/)
    await run('open("/tmp/quire-was-here", "w").write("x")')
    expect(existsSync('/tmp/quire-was-here')).toBe(false)
    expect((await run('for i in range(99): open(f"/tmp/{i}", "wb").write(b"x" * 2**20)')).outcome).toBe('failed')
  })

  test('this process’s secrets are not its own', async () => {
    process.env.QUIRE_TEST_SECRET = 'swordfish'
    const { output } = await run(
      'import os\nprint(dict(os.environ))\nprint([p for p in os.listdir("/proc") if p.isdigit()])\ntry:\n  print(open("/proc/1/environ").read())\nexcept OSError as e:\n  print(e)',
    )
    delete process.env.QUIRE_TEST_SECRET
    expect(output).not.toMatch(/swordfish/)
    expect(output).not.toMatch(new RegExp(`'${process.pid}'`))
  })

  test('loops, memory, processes and output come to an end', async () => {
    const began = Date.now()
    expect((await run('while True: pass', { seconds: 1 })).outcome).toMatch(/timeout|failed/)
    expect((await run('import time\ntime.sleep(60)', { seconds: 1 })).outcome).toBe('timeout')
    expect((await run('x = "a" * 2**30\nprint(len(x))')).outcome).toBe('memory')
    expect((await run('while True: print("x" * 10000)')).outcome).toBe('output')
    const bomb = await run('import os\nwhile True:\n  os.fork()', { seconds: 2 })
    expect(bomb.outcome).toMatch(/failed|timeout/)
    expect(Date.now() - began).toBeLessThan(30_000)
  })

  test('nothing that it starts outlives it', async () => {
    const marker = `quire-${process.pid}-left`
    await run(`import os, time\nif os.fork() == 0:\n  os.setsid()\n  time.sleep(60)  # ${marker}`)
    const { output } = await runPython(
      'import os\nfor p in os.listdir("/proc"):\n  if p.isdigit():\n    try: print(open(f"/proc/{p}/stat").read())\n    except OSError: pass',
      { isolation: 'limits' },
    )
    expect(output.split('\n').filter((line) => line.includes('(python3)')).length).toBeLessThanOrEqual(1)
  })
})

test('limits alone still end what does not end', async () => {
  expect((await runPython('while True: pass', { isolation: 'limits', seconds: 1 })).outcome).toMatch(/timeout|failed/)
  expect((await runPython('x = "a" * 2**30', { isolation: 'limits' })).outcome).toBe('memory')
})
