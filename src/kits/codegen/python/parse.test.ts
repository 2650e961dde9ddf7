import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { calledFunctions, isPython } from './parse.ts'

const texts: readonly (readonly [string, boolean])[] = [
  ['x = 1', true],
  ['print(', false],
  ['def f(:\n  pass', false],
  ['for i in range(3):\n    print(i)', true],
  ['if x', false],
  ["'abc", false],
  ['a b', false],
  ['lambda: 0', true],
  ['', true],
  ['f(x)[1:2].y += 3', true],
  ['class A: pass', true],
  [')', false],
  ['def f():\n  ', false],
  ['x = 1; y = 2;', true],
  ['f()g', false],
  ['def f():\n    a = 1\n   b = 2', false],
  ['if x: y = 1; z = 2\nelse:\n\tpass  # no', true],
  ['x = 1 # one\n# two\ny = 2', true],
  ['  x = 1', false],
]

test('what is Python', async () => {
  for (const [text, is] of texts) expect(await isPython(text), text).toBe(is)
})

test("Python's own parser says the same, where there is one", () => {
  const program = `
import ast, json, sys
def ok(text):
    try:
        return bool(ast.parse(text))
    except SyntaxError:
        return False
print(json.dumps([ok(text) for text, _ in json.load(sys.stdin)]))`
  const { status, stdout } = spawnSync('python3', ['-c', program], { input: JSON.stringify(texts), encoding: 'utf8' })
  if (status === 0) expect(JSON.parse(stdout)).toEqual(texts.map(([, is]) => is))
})

test('what a text calls', async () => {
  expect(await calledFunctions('sorted(os.path.join(p, q) for q in f()()); sorted(x)')).toEqual(['sorted', 'join', 'f'])
})
