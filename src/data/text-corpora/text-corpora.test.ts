import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { closed, inFolder } from '../testing/helpers.ts'
import { conalaValidation, loadConala, oneLiners } from './conala.ts'
import { generateIntents, generateTasks } from './generated-programs.ts'
import { loadHumanEval } from './humaneval.ts'
import { loadMbpp, mbppPart } from './mbpp.ts'
import { loadNtrex, ntrexLanguages, ntrexSplit } from './ntrex.ts'

/** What is true of the real data and of their stand-ins alike. */
async function expectShapes(options: Parameters<typeof loadNtrex>[0]): Promise<boolean> {
  const news = await loadNtrex(options)
  for (const name of ntrexLanguages) expect(news.lines[name].length).toBe(1997)
  expect(news.documents.length).toBe(1997)
  expect(new Set(news.documents).size).toBe(123)
  const split = ntrexSplit(news)
  expect(split.train.length + split.validation.length + split.test.length).toBe(1997)
  const stories = Object.values(split).map((rows) => new Set(rows.map((row) => news.documents[row])))
  expect(stories.map(({ size }) => size)).toEqual([98, 12, 13])
  expect(new Set(stories.flatMap((names) => [...names])).size).toBe(123)
  const { tasks } = await loadMbpp(options)
  expect(tasks.map(({ id }) => id)).toEqual(Array.from({ length: 974 }, (_, i) => i + 1))
  const parts = tasks.map(mbppPart)
  expect(['prompt', 'test', 'validation', 'train'].map((part) => parts.filter((other) => other === part).length)).toEqual([
    10, 500, 90, 374,
  ])
  const evaluation = await loadHumanEval(options)
  expect(evaluation.tasks.length).toBe(164)
  for (const { prompt, entry } of evaluation.tasks) expect(prompt).toContain(`def ${entry}(`)
  const conala = await loadConala(options)
  expect([conala.train.length, conala.test.length]).toEqual([2378, 500])
  const held = conalaValidation(conala.train, { share: 0.1, seed: 0 })
  expect(held.validation.length).toBeGreaterThan(230)
  expect(held.validation.length).toBeLessThan(246)
  const questions = new Set(held.train.map(({ question }) => question))
  expect(held.validation.some(({ question }) => questions.has(question))).toBe(false)
  return [news, evaluation, conala].every(({ provenance }) => provenance.real)
}

test('the real corpora, or their stand-ins: counts, splits without overlap', async () => {
  const real = await expectShapes({ offline: true })
  if (!real) return
  const { train, test: held } = oneLiners(await loadConala({ offline: true }))
  expect([train.length, held.length]).toEqual([2294, 478])
  const { test } = ntrexSplit(await loadNtrex({ offline: true }))
  expect(test.length).toBe(198)
})

test('without the data everything is generated, and each says so once', async () => {
  await inFolder({ 'work/x': '' }, async (folder) => {
    const lines: string[] = []
    expect(await expectShapes(closed(folder, { log: (line) => lines.push(line) }))).toBe(false)
    expect(lines.filter((line) => line.includes('real: false')).length).toBe(4)
    const conala = await loadConala(closed(folder))
    const short = oneLiners(conala)
    expect(short.train.length).toBeLessThan(conala.train.length)
    expect(short.train.length).toBeGreaterThan(2000)
  })
})

test('the invented languages differ in script and length, and each is more regular than chance', async () => {
  await inFolder({ 'work/x': '' }, async (folder) => {
    const { lines } = await loadNtrex(closed(folder))
    const letters = ntrexLanguages.map(
      (name) =>
        new Set(
          lines[name]
            .slice(0, 200)
            .join('')
            .replace(/[\d\s.,]/g, ''),
        ),
    )
    const shared = (a: Set<string>, b: Set<string>) => [...a].filter((letter) => b.has(letter)).length / Math.min(a.size, b.size)
    expect(shared(letters[0], letters[2])).toBe(0)
    expect(shared(letters[2], letters[3])).toBe(0)
    expect(shared(letters[0], letters[4])).toBeLessThan(0.7)
    const words = new Set(
      lines.fin
        .join(' ')
        .toLowerCase()
        .split(/[\s.,]+/),
    )
    // 90 nouns, 50 verbs, 45 adjectives, 6 joints, and the numbers.
    expect(words.size).toBeLessThan(300)
  })
})

const python = await promisify(execFile)('python3', ['-c', 'print(1)']).then(
  () => true,
  () => false,
)

describe.runIf(python)('Python agrees', () => {
  test('generated programs satisfy their tests; one with a wrong value does not', () => {
    const tasks = generateTasks({ count: 300, seed: 5 })
    const program = tasks.map(({ code, tests }) => [code, ...tests].join('\n')).join('\n\n')
    expect(execFileSync('python3', ['-c', `${program}\nprint('held')`], { encoding: 'utf8' })).toBe('held\n')
    const wrong = program.replace(/== \[?(\d+)/, (found, digits: string) => found.replace(digits, String(Number(digits) + 1)))
    expect(() => execFileSync('python3', ['-c', wrong], { stdio: 'pipe' })).toThrow()
  })

  test('generated HumanEval tasks check their solution, and generated snippets are Python', async () => {
    await inFolder({ 'work/x': '' }, async (folder) => {
      const { tasks } = await loadHumanEval(closed(folder))
      const program = tasks.map(({ prompt, solution, test, entry }) => `${prompt}${solution}${test}\ncheck(${entry})`).join('\n\n')
      const snippets = JSON.stringify(generateIntents({ count: 200, seed: 3 }).map(({ snippet }) => snippet))
      const parse = `\nimport ast, json\nfor snippet in json.loads(${JSON.stringify(snippets)}): ast.parse(snippet)\nprint('held')`
      expect(execFileSync('python3', ['-c', program + parse], { encoding: 'utf8' })).toBe('held\n')
    })
  })
})
