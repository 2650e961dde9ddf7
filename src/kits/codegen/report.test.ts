import { describe, expect, test } from 'vitest'
import { codegenReport } from './report.ts'

describe('a report', () => {
  const items = [
    { id: 1, reference: "f('a')", predictions: ["f('a')", 'g()'] },
    { id: 2, reference: 'x = [1, 2]', predictions: ['x = [1,2]', 'x\t= [1, 2]'] },
    { id: 3, reference: 'y', predictions: ['print(', ''] },
    { id: 4, reference: 'if a:\n  b()', predictions: ['if a: b()', 'if a:   b()'] },
  ]

  test('counts matches at every k, in three ways', async () => {
    const { exactMatch, exactMatchSpaces, exactMatchSyntax } = await codegenReport(items)
    // Only the first as it stands; the second prediction of 2 after its tab, that of 4 as its newline became a space.
    expect(exactMatch).toEqual({ 1: 25, 2: 75 })
    // With single spaces 4 is right at once.
    expect(exactMatchSpaces).toEqual({ 1: 50, 2: 75 })
    // A block in one line has the tree of one in two; the spaces in 2 have no meaning.
    expect(exactMatchSyntax).toEqual({ 1: 75, 2: 75 })
  })

  test('has a row an item', async () => {
    const { rows, parses, count } = await codegenReport(items)
    expect(rows.map(({ matchedAt }) => matchedAt)).toEqual([1, 2, null, 2])
    expect(rows.map(({ parses }) => parses)).toEqual([true, true, false, true])
    expect({ parses, count }).toEqual({ parses: 75, count: 4 })
    expect(rows[0].chrf).toBe(100)
    expect(rows[2].chrf).toBe(0)
  })

  test('is 100 everywhere for the references themselves, and much less for those of other items', async () => {
    const right = await codegenReport(items.map(({ id, reference }) => ({ id, reference, predictions: [reference] })))
    expect([right.chrf, right.chrfWords, right.exactMatch[1]]).toEqual([100, 100, 100])
    expect(right.codebleu.proper.astMatch).toBe(100)
    const wrong = await codegenReport(items.map(({ id, reference }, i) => ({ id, reference, predictions: [items[(i + 1) % 4].reference] })))
    expect(wrong.exactMatch[1]).toBe(0)
    expect(wrong.chrf).toBeLessThan(30)
    expect(wrong.codebleu.proper.codebleu).toBeLessThan(right.codebleu.proper.codebleu / 2)
  })

  test('tells pass@k where all was run', async () => {
    const passed = { passed: true, reason: 'passed', output: '' } as const
    const failed = { passed: false, reason: 'syntax', output: '' } as const
    const ran = items.map((item) => ({ ...item, outcomes: [failed, passed] }))
    expect((await codegenReport(ran)).pass).toMatchObject({ passAtK: { 1: 50, 2: 100 }, reasons: { passed: 4, syntax: 4 } })
    expect((await codegenReport([...ran.slice(1), items[0]])).pass).toBeUndefined()
  })

  test('refuses nothing, and items without a prediction', async () => {
    await expect(codegenReport([])).rejects.toThrow(/nothing to judge/)
    await expect(codegenReport([{ id: 'a', reference: 'x', predictions: [] }])).rejects.toThrow(/item a has no prediction/)
  })
})
