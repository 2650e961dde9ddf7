import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CodegenReport, type CodegenRow, runPython } from '../../kits/codegen/index.ts'
import { verbs } from './command.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quire-peft-eval-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function run(name: 'eval' | 'codebleu', options: Record<string, unknown>): Promise<{ lines: string; json: Record<string, unknown> }> {
  const verb = verbs.find((verb) => verb.name === name)!
  const parsed = verb.options.parse(name === 'eval' ? { out: join(folder, 'out'), ...options } : options) as Record<string, unknown>
  const { signal } = new AbortController()
  const { lines, json } = await verb.run({ options: parsed, signal, log: () => {}, out: () => {}, progress: async () => {} })
  return { lines: lines!.join('\n'), json: json as Record<string, unknown> }
}

const file = (name: string, lines: readonly unknown[]): string => {
  const path = join(folder, name)
  writeFileSync(path, lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''))
  return path
}

const isolation = await runPython('', { isolation: 'namespaces' }).then(
  () => 'namespaces' as const,
  () => 'limits' as const,
)
const hasPython = await runPython('', { isolation }).then(
  () => true,
  () => false,
)

describe('eval', () => {
  const task = (predictions: readonly string[]) => ({
    text: 'Add one.',
    code: 'def f(x):\n    return x + 1',
    test_list: ['assert f(1) == 2', 'assert f(-1) == 0'],
    predictions,
  })
  const answered = () =>
    file('answered.jsonl', [
      task(['def f(x): return x + 1', 'def f(x): return 2']),
      task(['def f(x):\n    return x + 2', 'def f(x):\n    return x + 1']),
    ])

  test('judges the answers of a file, and writes a row for each', async () => {
    const { lines, json } = await run('eval', { data: answered() })
    const report = json as unknown as CodegenReport
    expect(report).toMatchObject({ count: 2, exactMatch: { 1: 0, 2: 50 }, exactMatchSyntax: { 1: 50, 2: 100 }, parses: 100 })
    expect(report.pass).toBeUndefined()
    expect(lines).toMatch(/exact match +0\.00 +50\.00/)
    const rows = readFileSync(join(folder, 'out', 'predictions.jsonl'), 'utf8')
      .trim()
      .split('\n')
    expect(rows.map((row) => (JSON.parse(row) as CodegenRow).matchedAt)).toEqual([null, 2])
    expect(JSON.parse(readFileSync(join(folder, 'out', 'report.json'), 'utf8')).count).toBe(2)
  })

  test('carriage returns make no difference', async () => {
    const lines = [
      { code: 'x = 1\r\ny = 2', predictions: ['x = 1\ny = 2'] },
      { code: 'x = 1\ny = 2', predictions: ['x = 1\r\ny = 2'] },
    ]
    expect((await run('eval', { data: file('windows.jsonl', lines) })).json).toMatchObject({ exactMatch: { 1: 100 } })
  })

  test('knows the fields that training knows, and others by their names', async () => {
    const usual = file('usual.jsonl', [{ question: 'x', answer: 'y', predictions: ['y'] }])
    expect((await run('eval', { data: usual })).json).toMatchObject({ exactMatch: { 1: 100 } })
    const own = file('own.jsonl', [{ frage: 'x', code: 'z', antwort: 'y', predictions: ['y'] }])
    const named = { promptField: 'frage', completionField: 'antwort' }
    expect((await run('eval', { data: own, ...named })).json).toMatchObject({ exactMatch: { 1: 100 } })
    const [row] = readFileSync(join(folder, 'out', 'predictions.jsonl'), 'utf8').split('\n')
    expect(JSON.parse(row)).toMatchObject({ intent: 'x', reference: 'y' })
    await expect(run('eval', { data: usual, ...named })).rejects.toThrow(/line 1: field 'frage' is no text/)
  })

  test.skipIf(!hasPython)('runs them where that is asked for, and only there', async () => {
    const mark = join(folder, 'ran')
    const writes = file('writes.jsonl', [task([`open(${JSON.stringify(mark)}, "w")`])])
    await run('eval', { data: writes })
    expect(() => readFileSync(mark)).toThrow(/ENOENT/)
    const { json, lines } = await run('eval', { data: answered(), sandbox: isolation })
    expect(json).toMatchObject({ pass: { passAtK: { 1: 50, 2: 100 }, reasons: { passed: 2, assertion: 2 } } })
    expect(lines).toMatch(/pass@k +50\.00 +100\.00\nhow they ended: passed 2, assertion 2/)
  })

  test.skipIf(!hasPython)("takes HumanEval's tasks", async () => {
    const line = {
      task_id: 'HumanEval/0',
      prompt: 'def f(x):\n',
      canonical_solution: '    return x + 1\n',
      test: 'def check(g):\n    assert g(1) == 2',
      entry_point: 'f',
      predictions: ['    return x + 1\n'],
    }
    const { json } = await run('eval', { data: file('human.jsonl', [line]), sandbox: isolation })
    expect(json).toMatchObject({ pass: { passAtK: { 1: 100 } }, exactMatch: { 1: 100 } })
  })

  test.each([
    ['an empty file', [], {}, /empty\.jsonl: there are no items/],
    ['no reference', [{ intent: 'x', predictions: ['y'] }], {}, /line 1: there is no reference; the fields are intent, predictions/],
    ['no predictions and no model', [{ intent: 'x', code: 'y' }], {}, /line 1: there are no predictions; .*--base/],
    ['an empty list of predictions', [{ code: 'y', predictions: [] }], {}, /line 1: there is no prediction/],
    ['nothing to answer', [{ code: 'y' }], { base: 'tiny' }, /line 1: there is nothing to answer/],
    ['no tests', [{ code: 'y', predictions: ['y'] }], { sandbox: 'limits' }, /line 1: there are no tests to run/],
    ['tests that are none', [{ code: 'y', predictions: ['y'], tests: 'x' }], {}, /line 1: tests are no list of texts/],
  ])('refuses %s', async (_, lines, options, message) => {
    await expect(run('eval', { data: file('empty.jsonl', lines), ...options })).rejects.toThrow(message)
  })
})

describe('codebleu', () => {
  test('compares lines, or programs of several lines', async () => {
    const references = file('refs.txt', ['x = f(a)', 'return b'])
    expect((await run('codebleu', { files: [references, references] })).json).toMatchObject({ programs: 2, astMatch: 1, dataFlowMatch: 1 })
    const programs = file('refs.jsonl', [{ code: 'def f(n):\n    if n:\n        return 1\n    return 2' }])
    expect((await run('codebleu', { files: [programs, programs] })).json).toMatchObject({ codebleu: 1 })
    // The quirk: in one line it is no Python.
    const { json, lines } = await run('codebleu', { files: [programs, programs], mode: 'official' })
    expect(json.astMatch).toBeLessThan(1)
    expect(lines).toMatch(/^1 programs, official\nCodeBLEU +0\.\d{4}\n/)
  })

  test('an empty line is an answer of nothing', async () => {
    const files = [file('two.txt', ['x = 1', 'y = 2']), file('gap.txt', ['', 'y = 2'])]
    expect((await run('codebleu', { files })).json).toMatchObject({ programs: 2 })
  })

  test('refuses files of unlike length, and what is not there', async () => {
    const files = [file('one.txt', ['x']), file('three.txt', ['x', 'y', 'z'])]
    await expect(run('codebleu', { files })).rejects.toThrow(
      /three\.txt: 3 predictions do not go with 1 references; give one for each line of/,
    )
    await expect(run('codebleu', { files: [files[0], join(folder, 'absent.txt')] })).rejects.toThrow(
      /absent\.txt: this file cannot be read/,
    )
  })
})
