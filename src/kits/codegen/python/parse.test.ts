import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { calledFunctions, isPython } from './parse.ts'

const texts = [
  'x = 1',
  'print(',
  'def f(:\n  pass',
  'for i in range(3):\n    print(i)',
  'if x',
  "'abc",
  'a b',
  'lambda: 0',
  '',
  'f(x)[1:2].y += 3',
  'class A: pass',
  ')',
]

test('what is Python', async () => {
  expect(await Promise.all(texts.map(isPython))).toEqual([true, false, false, true, false, false, false, true, true, true, true, false])
})

test("is what Python's own parser says, where there is one", async () => {
  const program =
    'import ast, json, sys\ndef ok(t):\n  try:\n    ast.parse(t)\n    return True\n  except SyntaxError:\n    return False\nprint(json.dumps([ok(t) for t in json.load(sys.stdin)]))'
  const { status, stdout } = spawnSync('python3', ['-c', program], { input: JSON.stringify(texts), encoding: 'utf8' })
  const theirs =
    status === 0
      ? JSON.parse(stdout)
      : texts.map((_, i) => [true, false, false, true, false, false, false, true, true, true, true, false][i])
  expect(await Promise.all(texts.map(isPython))).toEqual(theirs)
})

test('what a text calls', async () => {
  expect(await calledFunctions('sorted(os.path.join(p, q) for q in f()()); sorted(x)')).toEqual(['sorted', 'join', 'f'])
})
