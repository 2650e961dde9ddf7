import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Isolation, isolations, runPython, type SandboxLimits } from './sandbox.ts'

/** Whether this machine has Python, and lets it be isolated; the tests of what a machine has not are skipped, never passed. */
const has = async (isolation: Isolation) =>
  runPython('', { isolation }).then(
    ({ passed }) => passed,
    () => false,
  )
const [canIsolate, hasPython] = await Promise.all(isolations.map(has))

const quick = { seconds: 8, cpuSeconds: 1 }
const isolated = (program: string, limits: Partial<SandboxLimits> = quick) => runPython(program, { isolation: 'namespaces', limits })
const limited = (program: string, limits: Partial<SandboxLimits> = quick) => runPython(program, { isolation: 'limits', limits })

const folder = mkdtempSync(join(tmpdir(), 'quire-test-'))
const server = createServer((socket) => socket.end('hello')).unref()
let port = 0
beforeAll(async () => {
  process.env.QUIRE_TEST_SECRET = 'x1y2z3'
  writeFileSync(join(folder, 'secret.txt'), 'x1y2z3')
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as { port: number }).port
})
afterAll(() => {
  delete process.env.QUIRE_TEST_SECRET
  server.close()
  rmSync(folder, { recursive: true })
})

describe.each(isolations)('with %s, how a program ends is told', (isolation) => {
  test.skipIf(!(isolation === 'limits' ? hasPython : canIsolate)).each([
    ['assert sum([1, 2]) == 3', 'passed'],
    ['import dataclasses, decimal, hashlib, re\nassert __name__ == "__main__"', 'passed'],
    ['x = 1\nassert x == 2, "no"', 'assertion'],
    ['[][1]', 'exception'],
    ['def f(:', 'syntax'],
    ['\u0000', 'syntax'],
    ['import sys; sys.exit(0)', 'exit'],
    ['import os; os._exit(0)', 'exit'],
    ['while True: pass', 'time'],
    ['import time; time.sleep(60)', 'time'],
    ['x = "a" * 10 ** 9', 'memory'],
    ['x = []\nwhile True: x.append("a" * 10 ** 6 + str(len(x)))', 'memory'],
    ['while True: print("x" * 1000)', 'output'],
    ['import os\nwhile True: os.write(3, b"x" * 1000)', 'output'],
    ['import os, signal; os.kill(os.getpid(), signal.SIGKILL)', 'killed'],
    ['f = open("large", "wb")\nwhile True: f.write(b"x" * 10 ** 6)', 'refused'],
    ['import threading, time\nfor _ in range(1000): threading.Thread(target=time.sleep, args=(60,)).start()', 'refused'],
    ['import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))', 'exception'],
    // What a program says of itself without the token counts for nothing.
    ['import os\nos.write(3, b\'{"reason": "passed"}\\n\'); os._exit(0)', 'exit'],
    ['import os\nos.write(3, b\'{"setup": "failed"}\\n\'); os._exit(97)', 'exit'],
    // A child that a program forks does not speak for it.
    ['import os\nif os.fork() > 0: os.wait(); raise ValueError', 'exception'],
  ] as const)('%s: %s', async (program, reason) => {
    const seconds = program.includes('sleep(60)') && reason === 'time' ? 1 : 20
    const outcome = await runPython(program, { isolation, limits: { seconds, cpuSeconds: 1, processes: 8 } })
    expect(outcome).toMatchObject({ reason, passed: reason === 'passed' })
    expect(outcome.output.length).toBeLessThanOrEqual(2 ** 16)
  })
})

test.skipIf(!hasPython)('an exception is told with its line', async () => {
  const { detail, line } = await limited('def f():\n  return 1 // 0\n\nf()')
  expect({ detail, line }).toEqual({ detail: 'ZeroDivisionError: integer division or modulo by zero', line: 2 })
})

describe('what namespaces keep away, and limits do not', () => {
  const attempts = (): Readonly<Record<string, string>> => ({
    'the network': `import socket\nprint(socket.create_connection(("127.0.0.1", ${port}), 2).recv(5))`,
    "others' files": `print(open(${JSON.stringify(join(folder, 'secret.txt'))}).read())`,
    "the parent's environment": 'import os\nprint(open(f"/proc/{os.getppid()}/stat").read())',
    programs: 'import os\nassert os.system("true") == 0',
    'the names of others': 'import os\nprint(os.listdir("/etc"))',
  })
  for (const name of Object.keys(attempts())) {
    test.skipIf(!canIsolate)(`${name}: out of reach`, async () => {
      // A file that is not there is an exception, as it would be anywhere.
      expect((await isolated(attempts()[name])).passed).toBe(false)
    })
    // Otherwise the test above would say nothing. (Another user's folder stays closed where the test runs as root.)
    test.skipIf(!hasPython || name === "others' files")(`${name}: in reach of a program with limits alone`, async () =>
      expect((await limited(attempts()[name])).reason).toBe('passed'),
    )
  }
})

describe('nothing of ours goes along', () => {
  test.each(isolations)('no environment with %s', async (isolation) => {
    if (!(isolation === 'limits' ? hasPython : canIsolate)) return
    const { output } = await runPython('import os\nprint(sorted(os.environ))', { isolation })
    expect(output).toMatch(/^\['HOME', 'LANG', ('LC_CTYPE', )?'PYTHONHASHSEED', 'TMPDIR'\]/)
  })

  test.skipIf(!canIsolate)('not through /proc either, nor is there anything but /tmp to write to', async () => {
    const program = `
import os
found = []
for root, folders, files in os.walk("/"):
    if root.count("/") > 4: folders.clear()
    for name in [*folders, *files]:
        path = os.path.join(root, name)
        if os.path.islink(path): continue
        try:
            os.utime(path) if not os.path.isdir(path) else open(os.path.join(path, "probe"), "w").close()
            found.append(path)
        except OSError: pass
print(os.path.exists("/proc"), [p for p in found if not p.startswith(("/tmp", "/dev/"))][:5], os.getpid() < 10)`
    expect((await isolated(program, { ...quick, cpuSeconds: 8 })).output).toBe('False [] True\n')
  })

  test.skipIf(!canIsolate)('no further namespaces, mounts or privileges', async () => {
    const program = `
import ctypes, os
libc = ctypes.CDLL(None)
assert libc.unshare(0x10000000) == -1
assert libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == -1
assert libc.umount2(b"/usr/lib", 2) == -1
assert libc.chroot(b"/tmp") == -1
for user in [0, 1000]:
    try: os.setuid(user)
    except OSError: continue
    assert os.getuid() == user == 0
    assert libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == -1`
    expect(await isolated(program)).toMatchObject({ reason: 'passed' })
  })

  test.skipIf(!canIsolate)('/tmp holds no more than it may', async () => {
    const fill = 'for i in range(100):\n  with open(f"/tmp/{i}", "wb") as f: f.write(b"x" * 10 ** 6)'
    expect(await isolated(fill)).toMatchObject({ reason: 'refused', detail: expect.stringContaining('No space left') })
    expect(await isolated(fill, { ...quick, disk: 200e6 })).toMatchObject({ reason: 'passed' })
  })

  test.skipIf(!hasPython)('with limits, its folder is gone afterwards', async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('quire-sandbox-'))
    const { output } = await limited('import os\nopen("left", "w").write("x")\nprint(os.getcwd())')
    expect(readdirSync(tmpdir())).not.toContain(output.trim().split('/').at(-1))
    expect(before).not.toContain(output.trim().split('/').at(-1))
  })
})

describe('what a program starts ends with it', () => {
  test.skipIf(!canIsolate)('a fork bomb', async () => {
    expect(await isolated('import os\nwhile True: os.fork()')).toMatchObject({ reason: 'refused' })
    // One that ignores refusals has its time, and no more processes.
    const stubborn = 'import os\nwhile True:\n  try: os.fork()\n  except OSError: pass'
    expect(await isolated(stubborn, { seconds: 2, cpuSeconds: 1 })).toMatchObject({ reason: 'time' })
  })

  test.skipIf(!canIsolate)('a daemon in a session of its own: it holds the output, which would not close before a minute', async () => {
    const begin = Date.now()
    const { reason } = await isolated('import os, time\nif os.fork() == 0:\n  os.setsid()\n  if os.fork() == 0: time.sleep(60)', {
      seconds: 60,
    })
    expect(reason).toBe('passed')
    expect(Date.now() - begin).toBeLessThan(30_000)
  })

  test.skipIf(!hasPython)('on a signal', async () => {
    const stop = new AbortController()
    const run = runPython('import time; time.sleep(60)', { isolation: 'limits', limits: { seconds: 60 }, signal: stop.signal })
    setTimeout(() => stop.abort(), 200)
    await expect(run).rejects.toThrow(/abort/)
  })
})

describe('it refuses', () => {
  test('an interpreter that is not there', async () => {
    await expect(runPython('', { isolation: 'limits', python: join(folder, 'python3') })).rejects.toThrow(/Python could not be started/)
  })

  test.skipIf(!hasPython)('where isolation cannot be had, instead of running with less', async () => {
    // An interpreter that may not unshare: a wrapper that takes the system call's name away.
    const python = join(folder, 'denied')
    writeFileSync(
      python,
      `#!/bin/sh\nfor last; do :; done\nexec /usr/bin/python3 -I -S -B -c "$(printf '%s' "$last" | sed 's/libc.unshare(/libc.unshare(-1 | /')"\n`,
      { mode: 0o755 },
    )
    const mark = join(folder, 'ran')
    const run = runPython(`open(${JSON.stringify(mark)}, "w")`, { isolation: 'namespaces', python })
    await expect(run).rejects.toThrow(/cannot isolate programs \(namespaces: Invalid argument\)/)
    expect(() => readFileSync(mark)).toThrow(/ENOENT/)
  })
})
