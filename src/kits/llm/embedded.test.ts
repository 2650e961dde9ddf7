import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { evaluate, key } from '../../engine/index.ts'
import { chatFormat, generate, initDecoder, type LanguageModel, llamaConfig, saveModel, sizes } from '../lm/index.ts'
import { byteTokenizer } from '../lm/tokenizers/bytes.ts'
import { embeddedEndpoint } from './embedded.ts'

let folder: string
let model: LanguageModel

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quire-embedded-'))
  const config = llamaConfig({ ...sizes.tiny, context: 256 })
  model = { config, params: await evaluate(initDecoder(config, key(5))), tokenizer: byteTokenizer }
  await saveModel(model, join(folder, 'tiny'))
})

afterAll(() => rmSync(folder, { recursive: true }))

test('a model in this process answers as it goes on with the conversation', async () => {
  const endpoint = await embeddedEndpoint(join(folder, 'tiny'), { chatFormat: 'alpaca', batch: 2 })
  const conversations = ['one', 'two', 'three'].map((content) => [{ role: 'user' as const, content }])
  const answers = await Promise.all(conversations.map((messages) => endpoint.complete(messages, { maxTokens: 9, temperature: 0 })))
  const alone = await generate(
    model,
    conversations.map((messages) => chatFormat('alpaca').render(messages)),
    { maxNewTokens: 9 },
  )
  expect(answers.map(({ text }) => text)).toEqual(alone.map(({ text }) => text))
  const drawn = () => endpoint.complete(conversations[0], { maxTokens: 9, temperature: 1, seed: 3 })
  expect((await drawn()).text).toBe((await drawn()).text)
  await expect(endpoint.complete(conversations[0], { json: true })).rejects.toMatchObject({ status: 400 })
  await endpoint.close()
  await expect(endpoint.complete(conversations[0])).rejects.toMatchObject({ status: 503 })
})

test('a model that does not say how conversations are written', async () => {
  await expect(embeddedEndpoint(join(folder, 'tiny'))).rejects.toThrow(/tiny: the checkpoint does not say how conversations are written/)
  await expect(embeddedEndpoint(join(folder, 'nowhere'))).rejects.toThrow(/config\.json/)
})
