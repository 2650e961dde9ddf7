import { describe, expect, test } from 'vitest'
import { loadHumanEval, loadMbpp } from '../../data/index.ts'
import { humanEvalProgram, mbppProgram, passTable, runPrograms } from './execution.ts'
import { type Isolation, runPython } from './sandbox/sandbox.ts'

const works = (isolation: Isolation) =>
  runPython('', { isolation }).then(
    () => true,
    () => false,
  )
/** As isolated as this machine can; the reference solutions are known. */
const isolation: Isolation = (await works('namespaces')) ? 'namespaces' : 'limits'

describe.runIf(await works(isolation))('protocols', () => {
  const run = (programs: readonly string[]) => runPrograms(programs, { isolation, limits: { processes: 64 } })

  test('MBPP: reference solutions pass, those of other tasks do not', async () => {
    const { tasks } = await loadMbpp({ offline: true })
    const some = tasks.filter(({ id }) => id >= 11 && id <= 20)
    const own = await run(some.map((task) => mbppProgram(task, task.code)))
    expect(own.map(({ reason }) => reason)).toEqual(some.map(() => 'passed'))
    const others = await run(some.map((task, i) => mbppProgram(task, some[(i + 1) % some.length].code)))
    expect(others.filter(({ passed }) => passed)).toEqual([])
  })

  test('HumanEval: reference continuations pass, empty ones do not', async () => {
    const { tasks } = await loadHumanEval({ offline: true })
    const some = tasks.slice(0, 10)
    const own = await run(some.map((task) => humanEvalProgram(task, task.solution)))
    expect(own.map(({ reason }) => reason)).toEqual(some.map(() => 'passed'))
    const nothing = await run(some.map((task) => humanEvalProgram(task, '    pass\n')))
    expect(nothing.filter(({ passed }) => passed)).toEqual([])
  })

  test('a continuation that leaves before its tests does not pass', async () => {
    const task = { prompt: 'def f(x):\n', test: 'def check(g):\n    assert g(1) == 2', entry: 'f' }
    const reasons = async (...continuations: string[]) =>
      (await run(continuations.map((text) => humanEvalProgram(task, text)))).map(({ reason }) => reason)
    expect(await reasons('    return x + 1', '    return x', '    import sys\n    sys.exit(0)', '    raise KeyError(x)', '  x')).toEqual([
      'passed',
      'assertion',
      'exit',
      'exception',
      'assertion',
    ])
  })
})

test('what tests need is made of the answer, and so comes after it', () => {
  const task = { setup: 'root = Node(1)', tests: ['assert root.value == 1'] }
  expect(mbppProgram(task, 'class Node: ...')).toBe('class Node: ...\nroot = Node(1)\nassert root.value == 1')
})

test('programs run at most so many at a time, in any order, and are told in theirs', async () => {
  const programs = [0.4, 0, 0.2, 0].map((seconds, i) => `import time\ntime.sleep(${seconds})\nassert ${i} % 2 == 0`)
  const seen: number[] = []
  const outcomes = await runPrograms(programs, { isolation: 'limits', limits: { processes: 64 }, onProgress: (done) => seen.push(done) })
  expect(outcomes.map(({ passed }) => passed)).toEqual([true, false, true, false])
  expect(seen).toEqual([1, 2, 3, 4])
})

test('one that cannot run ends them all', async () => {
  await expect(runPrograms(['', '', ''], { isolation: 'limits', python: '/nowhere/python3' })).rejects.toThrow(/could not be started/)
})

test('a table of pass@k, by hand', () => {
  const yes = { passed: true, reason: 'passed' } as const
  const no = { passed: false, reason: 'assertion' } as const
  const late = { passed: false, reason: 'time' } as const
  // 1 of 3 and 2 of 3: pass@1 = (1/3 + 2/3)/2; pass@2 = ((1 − 1/3) + 1)/2.
  const { passAtK, reasons, samples } = passTable(
    [
      [yes, no, late],
      [yes, yes, no],
    ],
    [1, 2, 3, 10],
  )
  expect(passAtK[1]).toBeCloseTo(50, 10)
  expect(passAtK[2]).toBeCloseTo(250 / 3, 10)
  expect(passAtK[3]).toBe(100)
  expect(Object.keys(passAtK)).toEqual(['1', '2', '3'])
  expect({ reasons, samples }).toEqual({ reasons: { passed: 3, assertion: 2, time: 1 }, samples: 3 })
  expect(() => passTable([], [1])).toThrow(/at least one task/)
})

test('pass@k of 150,000 tasks', () => {
  const passed = { passed: true, reason: 'passed' } as const
  expect(
    passTable(
      Array.from({ length: 150_000 }, () => [passed]),
      [1],
    ).passAtK,
  ).toEqual({ 1: 100 })
})
