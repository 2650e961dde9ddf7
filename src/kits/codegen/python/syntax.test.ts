import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { inSyntax } from './syntax.ts'

/** Texts, and whether they are the same program. */
const pairs: readonly (readonly [string, string, boolean])[] = [
  ["f( ('a'), )  # call", 'f("a")', true],
  ['for (i, x) in enumerate(y):\n    print(i)', 'for i, x in enumerate(y): print(i)', true],
  ['return (a, b)', 'return a, b', true],
  ['x = 1; y = 2', 'x = 1\n\ny = 2', true],
  ['(a + b) * c', '((a + b)) * (c)', true],
  ["'it\\'s'", '"it\'s"', true],
  ['x = [\n  1,\n  2,\n]', 'x = [1, 2]', true],
  ['f"{ x }"', "f'{x}'", true],
  ['f(x for x in y)', 'f((x for x in y))', true],
  ['f(x for x in y)', 'f([x for x in y])', false],
  ['if x:\n  y()\nz()', 'if x:\n  y()\n  z()', false],
  ['(a + b) * c', 'a + b * c', false],
  ['x[1,]', 'x[1]', false],
  ['x[1:]', 'x[:1]', false],
  ['(1,)', '(1)', false],
  ['[1]', '{1}', false],
  ['a', 'b', false],
  ['f(a)', 'f(*a)', false],
  ["b'a'", "'a'", false],
  ['a - b', 'a + b', false],
  ['not a', 'a', false],
  ['f(a=1)', 'f(b=1)', false],
]

test('texts with the same tree, and with others', async () => {
  for (const [one, other, same] of pairs) expect((await inSyntax(one)) === (await inSyntax(other)), `${one} | ${other}`).toBe(same)
})

test("Python's own trees say the same of them, where there is a Python", () => {
  const program =
    'import ast, json, sys\nprint(json.dumps([ast.dump(ast.parse(a)) == ast.dump(ast.parse(b)) for a, b, _ in json.load(sys.stdin)]))'
  const { status, stdout } = spawnSync('python3', ['-c', program], { input: JSON.stringify(pairs), encoding: 'utf8' })
  if (status === 0) expect(JSON.parse(stdout)).toEqual(pairs.map(([, , same]) => same))
})
