import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { evaluate, key, mapTree, type Tensor } from '../../engine/index.ts'
import { scratch } from '../../experiment/testing/comparable.ts'
import {
  byteTokenizer,
  generate,
  initAdapter,
  initDecoder,
  type LanguageModel,
  llamaConfig,
  mergeAdapter,
  type PeftConfig,
  saveAdapter,
  saveModel,
  sizes,
  tokenLogprobs,
} from '../../kits/lm/index.ts'
import { stirred } from '../../kits/lm/peft/testing/models.ts'
import { shell } from '../testing/shell.ts'

const folder = scratch()
const at = (name: string): string => join(folder, name)
const config = llamaConfig({ ...sizes.tiny, context: 64 })
const story = 'It rained, and the hare ran home. '.repeat(4)
let model: LanguageModel

beforeAll(async () => {
  model = { config, params: await evaluate(stirred(initDecoder(config, key(1)))), tokenizer: byteTokenizer }
  await saveModel(model, at('model'))
  await writeFile(at('story.txt'), story)
})

/** An adapter in a folder of its own: as it begins, or with every tensor moved, for most begin by changing nothing. */
async function adapterOf(name: string, peft: PeftConfig, how: 'as it begins' | 'moved') {
  const adapter = initAdapter(peft, model, key(2))
  const params =
    how === 'moved'
      ? mapTree<typeof adapter.params>(adapter.params, (x: Tensor, path) => (x.kind === 'buffer' ? x : stirred({ x }, 31 * path.length).x))
      : adapter.params
  await saveAdapter({ ...adapter, params }, model, at(name))
  return { ...adapter, params }
}

async function bitsOf(...words: string[]): Promise<number> {
  const { out } = await shell(['lm', 'eval', at('story.txt'), '--model', at('model'), '--context', '32', '--json', ...words])
  return JSON.parse(out).texts[0].bitsPerByte
}

describe('an adapter beside the model', () => {
  test('LoRA measures and answers as the merged model does, and otherwise than the base', async () => {
    const adapter = await adapterOf('lora', { kind: 'lora', targets: 'all-linear', dropout: 0 }, 'moved')
    const merged = await mergeAdapter(model, adapter)
    await saveModel(merged, at('merged'))
    const [own, beside, base] = [await bitsOf('--model', at('merged')), await bitsOf('--adapter', at('lora')), await bitsOf()]
    expect(beside).toBeCloseTo(own, 4)
    expect(Math.abs(beside - base)).toBeGreaterThan(0.01)
    const [answer] = await generate(merged, ['Once'], { maxNewTokens: 8 })
    const { out } = await shell([
      'lm',
      'generate',
      '--model',
      at('model'),
      '--adapter',
      at('lora'),
      '--prompt',
      'Once',
      '--max-new-tokens',
      '8',
    ])
    expect(out).toBe(answer.text)
  })

  test('a prompt that is a text’s embeddings measures as with that text before each window, which leaves it less room', async () => {
    const before = byteTokenizer.encode('The hare: ')
    await adapterOf('prompt', { kind: 'prompt', init: 'text', text: 'The hare: ', tokens: before.length }, 'as it begins')
    const ids = [...byteTokenizer.encode(story)]
    const windows = Array.from({ length: Math.floor((ids.length - 1) / 32) }, (_, i) => ids.slice(32 * i, 32 * i + 33))
    const scored = await tokenLogprobs(
      model,
      windows.map((window) => [...before, ...window]),
    )
    const nats = -scored.flatMap((logprobs) => [...logprobs.subarray(before.length)]).reduce((sum, x) => sum + x, 0)
    expect(await bitsOf('--adapter', at('prompt'))).toBeCloseTo(nats / Math.LN2 / (32 * windows.length), 4)
    const words = ['lm', 'eval', at('story.txt'), '--model', at('model'), '--context', '60']
    expect((await shell(words)).err).not.toContain('warning')
    expect((await shell([...words, '--adapter', at('prompt')])).err).toMatch(/windows of 60 tokens are longer than the 54 that/)
  })

  test.each(['eval', 'generate', 'serve'])('%s refuses a folder without one', async (verb) => {
    const words = { eval: [at('story.txt')], generate: ['--prompt', 'a'], serve: ['--port', '0'] }[verb]!
    const { status, err } = await shell(['lm', verb, ...words, '--model', at('model'), '--adapter', at('model')])
    expect(err).toMatch(/^quire: .*adapter_config\.json/)
    expect(status).toBe(2)
  })
})
