import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { byteTokenizer } from '../../kits/lm/index.ts'
import { instructionText } from '../../kits/lm/peft/config.ts'
import { apiTask } from './api-task.ts'
import { isAtEdge } from './config.ts'
import { drawnShots, withExamples } from './icl.ts'
import { type OwnExample, readPairs, refuseOverlap, withTest, withValidation } from './own-data.ts'
import { bytesOfBudget, inBytes, readPlan } from './plan.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quire-peft-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const file = (name: string, lines: readonly unknown[]): string => {
  const path = join(folder, name)
  writeFileSync(path, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'))
  return path
}

describe('the invented interface', () => {
  const { train, validation, test: held } = apiTask({ seed: 3 })
  const call = /^api\.(\w+)_(\w+)\("(\w+)", (\d)\)$/

  test('has calls of the sizes that were agreed on, each asked for in its own words', () => {
    expect([train.length, validation.length, held.length]).toEqual([2000, 100, 120])
    for (const { prompt, completion } of [...train, ...held]) {
      const [, verb, noun, word, level] = call.exec(completion)!
      for (const part of [verb, noun, word, level]) expect(prompt).toContain(part)
    }
  })

  test('tests six functions, on twenty arguments each that are never trained on with any function of them', () => {
    const parts = ({ completion }: { completion: string }) => {
      const [, verb, noun, word, level] = call.exec(completion)!
      return { fn: `${verb}_${noun}`, argument: `${word} ${level}` }
    }
    const tested = held.map(parts)
    const functions = new Set(tested.map(({ fn }) => fn))
    expect(functions.size).toBe(6)
    const seen = new Set([...train, ...validation].map(({ completion }) => completion))
    expect(held.some(({ completion }) => seen.has(completion))).toBe(false)
    expect(new Set(held.map(({ completion }) => completion)).size).toBe(120)
    // Each of them is trained on with other arguments, so that its name can be known.
    const trained = new Set(train.map(parts).map(({ fn }) => fn))
    for (const fn of functions) expect(trained.has(fn)).toBe(true)
  })
})

describe('examples in a prompt', () => {
  const pool = Array.from({ length: 30 }, (_, i) => ({ id: i, prompt: `do ${'x'.repeat(i)}`, completion: `f(${i})` }))
  const query = { id: 'q', prompt: 'what now', completion: 'g()' }
  const options = (k: number, context: number) => ({
    k,
    context,
    choose: drawnShots(pool, 1),
    tokenizer: byteTokenizer,
    maxPrompt: 200,
    maxCompletion: 160,
  })

  test('k examples with answers stand between the header and the question; the answer alone is scored', () => {
    const { example, used } = withExamples(query, options(2, 640))
    const text = byteTokenizer.decode(example.ids.subarray(0, example.start))
    expect(used).toBe(2)
    expect(text.startsWith(`${instructionText}\n### Instruction:\ndo `)).toBe(true)
    expect(text.endsWith('### Instruction:\nwhat now\n### Response:\n')).toBe(true)
    expect(text.match(/f\(\d+\)\n/g)).toHaveLength(2)
    expect(byteTokenizer.decode(example.ids.subarray(example.start))).toBe('g()<|end|>')
  })

  test('another format stands around the examples, too', () => {
    const { example } = withExamples(query, { ...options(2, 640), format: (prompt) => `Q: ${prompt}\n` })
    const text = byteTokenizer.decode(example.ids.subarray(0, example.start))
    expect(text.match(/Q: /g)).toHaveLength(3)
    expect(text).not.toContain('###')
  })

  test('what does not fit is drawn anew, and at last fewer are taken', () => {
    fc.assert(
      fc.property(fc.integer({ min: 110, max: 400 }), fc.integer({ min: 0, max: 3 }), (context, k) => {
        const { example, used } = withExamples(query, options(k, context))
        expect(used).toBeLessThanOrEqual(k)
        expect(example.ids.length - 1).toBeLessThanOrEqual(Math.max(context, 110))
      }),
    )
  })
})

describe("a user's pairs", () => {
  test('fields by their usual names, or by those that are said', async () => {
    const path = file('a.jsonl', [
      { intent: 'one', code: 'x = 1', question_id: 7 },
      { instruction: 'two', input: 'y', output: 'x = 2' },
    ])
    expect(await readPairs(path)).toEqual([
      { id: 1, prompt: 'one', completion: 'x = 1', group: '7' },
      { id: 2, prompt: 'two\ny', completion: 'x = 2' },
    ])
    const own = file('b.jsonl', [{ wish: 'one', code: 'x', python: 'x = 1' }])
    expect((await readPairs(own, { promptField: 'wish', completionField: 'python' }))[0]).toMatchObject({
      prompt: 'one',
      completion: 'x = 1',
    })
  })

  test("CoNaLa's better wording is asked where there is one", async () => {
    const lines = [
      { intent: 'how to sort?', rewritten_intent: 'sort list `x`', snippet: 'x.sort()' },
      { intent: 'how to add?', rewritten_intent: null, snippet: 'a + b' },
    ]
    expect((await readPairs(file('conala.jsonl', lines))).map(({ prompt }) => prompt)).toEqual(['sort list `x`', 'how to add?'])
  })

  test('carriage returns are no part of what is learned', async () => {
    const path = file('windows.jsonl', [{ instruction: 'one\r\ntwo', input: 'x\r\ny', code: 'x = 1\r\ny = 2\r\n' }])
    expect(await readPairs(path)).toEqual([{ id: 1, prompt: 'one\ntwo\nx\ny', completion: 'x = 1\ny = 2\n' }])
  })

  test('a field that was named is not read a second time as the input', async () => {
    const path = file('named.jsonl', [{ input: 'add one', code: 'x + 1', instruction: 'Do it' }])
    expect((await readPairs(path, { promptField: 'input' }))[0].prompt).toBe('add one')
    expect((await readPairs(path, { promptField: 'code', completionField: 'input' }))[0].prompt).toBe('x + 1')
  })

  test.each<[string, unknown, RegExp]>([
    ['no question', { code: 'x' }, /line 1: there is no text for what is asked; name it intent/],
    ['no answer', { intent: 'x' }, /line 1: there is no text for the answer/],
    ['a number for an answer', { intent: 'x', code: 4 }, /line 1: there is no text for the answer/],
    ['no JSON', '{"intent": ', /line 1: this is no JSON/],
  ])('%s is said with its line', async (_, line, message) => {
    await expect(readPairs(file('wrong.jsonl', [line]))).rejects.toThrow(message)
  })

  test('data in the form of CodeAlpaca come with their licence', async () => {
    const said: string[] = []
    await readPairs(file('c.jsonl', [{ instruction: 'a', input: '', output: 'b' }]), {}, (line) => said.push(line))
    expect(said.join()).toMatch(/CC BY-NC 4\.0/)
  })

  const pair = (id: number, prompt: string, group?: string): OwnExample => ({ id, prompt, completion: 'x', ...(group && { group }) })

  test('the same question, or the same words, on both sides is refused', () => {
    const train = [pair(1, 'add one', '5'), pair(2, 'sort  it')]
    expect(() => refuseOverlap(train, [pair(1, 'other', '5')], 'test.jsonl')).toThrow(/test\.jsonl: test example 1 belongs to question 5/)
    expect(() => refuseOverlap(train, [pair(9, 'other'), pair(3, ' sort it')], 'test.jsonl')).toThrow(
      /test example 3 asks what training example 2 asks/,
    )
    expect(() => refuseOverlap(train, [pair(1, 'other', '6')], 'test.jsonl')).not.toThrow()
  })

  test('parts share no question', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 200 }), (groups) => {
        const examples = groups.map((group, i) => pair(i, `prompt ${i}`, String(group)))
        for (const parts of [withTest(examples), withValidation(examples)]) {
          const sets = Object.values(parts).map((part) => new Set(part.map(({ group }) => group)))
          for (const [i, one] of sets.entries())
            for (const other of sets.slice(i + 1)) expect([...one].some((group) => other.has(group))).toBe(false)
          expect(Object.values(parts).flat()).toHaveLength(examples.length)
        }
      }),
    )
  })
})

describe('a plan', () => {
  test('names its rows, or takes methods by name', async () => {
    const path = join(folder, 'plan.json')
    writeFileSync(path, '{"small": {"method": "lora", "rank": 4}, "none": {"method": "zero-shot"}}')
    expect(await readPlan(path, [])).toEqual([
      { name: 'small', method: 'lora', rank: 4 },
      { name: 'none', method: 'zero-shot' },
    ])
    expect(await readPlan(undefined, ['ia3'])).toEqual([{ name: 'ia3', method: 'ia3' }])
  })

  test.each<[string, RegExp]>([
    ['{"a": {"method": "lorra"}}', /a: method: .*methods are zero-shot, icl, lora/],
    ['{"a": {"method": "lora", "rnk": 4}}', /rnk/],
    ['{"a": {"method": "lora", "rank": 0}}', /a: rank/],
    ['{"a": {"method": "prompt", "rank": 4}}', /a: rank has no effect on prompt; leave it out, or choose lora/],
    ['[]', /a plan is an object/],
    ['{', /no JSON/],
    ['{}', /empty/],
  ])('%s is refused', async (text, message) => {
    const path = join(folder, 'bad.json')
    writeFileSync(path, text)
    await expect(readPlan(path, [])).rejects.toThrow(message)
  })

  test('memory is read and written', () => {
    expect(['8GB', '512 MiB', '1000', '2.5kb'].map(bytesOfBudget)).toEqual([8e9, 512 * 2 ** 20, 1000, 2500])
    for (const bad of ['', '8 apples', '-1GB', '0GB', 'GB']) expect(() => bytesOfBudget(bad)).toThrow(/no amount of memory/)
    expect([inBytes(3.5e9), inBytes(1.26e6), inBytes(4500)]).toEqual(['3.50 GB', '1.26 MB', '4.50 KB'])
  })
})

test('a rate at the end of its grid may hide a better one', () => {
  const at = (rate: number) => isAtEdge({ learningRates: { ia3: rate }, grids: { ia3: [0.1, 0.01, 0.03] } } as never, 'ia3')
  expect([at(0.01), at(0.03), at(0.1)]).toEqual([true, false, true])
})
