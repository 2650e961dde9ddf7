import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { evaluate, key } from '../../engine/index.ts'
import { scratch } from '../../experiment/testing/comparable.ts'
import { byteTokenizer, generate, initDecoder, type LanguageModel, llamaConfig, saveModel, sizes } from '../../kits/lm/index.ts'
import { shell } from '../testing/shell.ts'

const config = llamaConfig({ ...sizes.tiny, context: 64 })
let folder: string
let model: LanguageModel

beforeAll(async () => {
  folder = join(scratch(), 'tale')
  model = { config, params: await evaluate(initDecoder(config, key(1))), tokenizer: byteTokenizer }
  await saveModel(model, folder)
})

const run = (...words: string[]) => shell(['lm', 'generate', '--model', folder, ...words])

describe('quire lm generate', () => {
  test('prints what the library generates, and its speed apart', async () => {
    const [expected] = await generate(model, ['Once'], { maxNewTokens: 8, temperature: 1, seed: 3 })
    const { status, out, err } = await run('--prompt', 'Once', '--max-new-tokens', '8', '--temperature', '1', '--seed', '3')
    expect(status).toBe(0)
    expect(out).toBe(expected.text)
    expect(err).toMatch(/5 tokens read/)
    const file = join(folder, 'prompt.txt')
    await writeFile(file, 'Once')
    const read = await run('--prompt-file', file, '--max-new-tokens', '8', '--temperature', '1', '--seed', '3', '--json')
    expect(JSON.parse(read.out)).toMatchObject({ text: expected.text, promptTokens: 5, finish: expected.finish })
  })

  test('by beams, best first', async () => {
    const { out } = await run('--prompt', 'Once', '--max-new-tokens', '4', '--beams', '3', '--json')
    const { beams } = JSON.parse(out) as { beams: { score: number }[] }
    expect(beams).toHaveLength(3)
    expect(beams[0].score).toBeGreaterThanOrEqual(beams[1].score)
  })

  test('a chat is what the user says in its format', async () => {
    const { out } = await run('--prompt', 'Hi', '--chat', 'alpaca', '--max-new-tokens', '2', '--json')
    const text = '### Instruction:\nHi\n### Response:\n'
    expect(JSON.parse(out).promptTokens).toBe(1 + text.length)
  })

  test.each([
    [['--prompt', 'a', '--prompt-file', 'b'], /it needs a text to go on with; give either --prompt or --prompt-file/],
    [['--prompt', 'x'.repeat(70)], /71 tokens; the context of 64 does not hold a next one/],
    [['--prompt', 'a', '--beams', '2', '--temperature', '1'], /beam search neither draws, nor minds repetitions, nor ends at texts/],
    [['--prompt', 'a', '--stop', ','], /stop/],
    [['--prompt', 'a', '--top-k', '3'], /nothing is drawn at temperature 0; give --temperature 1/],
    [['--prompt', 'a', '--chat', 'nope'], /chat/],
  ])('refuses %s', async (words, message) => {
    const { status, err } = await run(...words)
    expect(err).toMatch(message)
    expect(status).toBe(2)
  })
})
