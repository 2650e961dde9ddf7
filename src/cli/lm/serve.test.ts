import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import OpenAI from 'openai'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { evaluate, key } from '../../engine/index.ts'
import { scratch } from '../../experiment/testing/comparable.ts'
import { byteTokenizer, initAdapter, initDecoder, llamaConfig, saveAdapter, saveModel, sizes } from '../../kits/lm/index.ts'
import { shell } from '../testing/shell.ts'

const child = join(import.meta.dirname, '..', 'testing', 'child.ts')
let folder: string
let adapter: string

beforeAll(async () => {
  folder = join(scratch(), 'tale')
  const config = llamaConfig({ ...sizes.tiny, context: 512 })
  const model = { config, params: await evaluate(initDecoder(config, key(1))), tokenizer: byteTokenizer }
  await saveModel(model, folder)
  adapter = join(scratch(), 'adapter')
  await saveAdapter(initAdapter({ kind: 'prompt', init: 'random', tokens: 3 }, model, key(2)), model, adapter)
})

interface Serving {
  readonly worker: ChildProcess
  readonly url: string
  readonly curl: string
  readonly err: () => string
  readonly ended: Promise<number | null>
}

/** `quire lm serve` in a process of its own, once it listens. */
async function serving(words: readonly string[] = [], env: Record<string, string> = {}): Promise<Serving> {
  const script = `import('vite').then((vite) => vite.runnerImport(${JSON.stringify(child)}))`
  const argv = ['-e', script, 'lm', 'serve', '--model', folder, '--port', '0', ...words]
  const worker = spawn(process.execPath, argv, { env: { ...process.env, ...env } })
  onTestFinished(() => void worker.kill('SIGKILL'))
  let [out, err] = ['', '']
  worker.stderr!.on('data', (bytes) => (err += bytes))
  const ended = new Promise<number | null>((resolve) => worker.on('close', resolve))
  const lines = await new Promise<string[]>((resolve, reject) => {
    worker.stdout!.on('data', (bytes) => {
      out += bytes
      if (out.split('\n').length > 2) resolve(out.split('\n'))
    })
    ended.then((status) => reject(new Error(`ended with ${status}: ${err}`)))
  })
  return { worker, ended, err: () => err, url: /http:\S+?(?=\/v1)/.exec(lines[0])![0], curl: lines[1] }
}

const hasCurl = ((): boolean => {
  try {
    execFileSync('curl', ['--version'])
    return true
  } catch {
    return false
  }
})()

describe('quire lm serve', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'answers until %s, and then exits with 130',
    async (signal) => {
      const { worker, url, err, ended } = await serving()
      const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 })
      expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['tale'])
      const { usage } = await client.completions.create({ model: 'tale', prompt: 'Once', max_tokens: 5 })
      expect(usage!.prompt_tokens).toBe(5)
      const refused = await client.chat.completions
        .create({ model: 'tale', messages: [{ role: 'user', content: 'x' }] })
        .catch((error) => error)
      expect(refused.message).toContain('--chat-format')
      worker.kill(signal)
      expect(await ended).toBe(130)
      expect(err()).toMatch(/^POST \/v1\/completions 200 5\+\d tokens \d+ ms$/m)
      expect(err()).toMatch(/interrupted$/m)
      expect(err()).not.toMatch(/\n +at /)
    },
    120_000,
  )

  test.runIf(hasCurl)(
    'prints a line that can be pasted, key and all',
    async () => {
      const { curl, err } = await serving(['--name', "it's", '--api-key-env', 'TALE_KEY'], { TALE_KEY: 'sesame' })
      const answer = (key: string) =>
        JSON.parse(execFileSync('sh', ['-c', `${curl} -s`], { env: { ...process.env, TALE_KEY: key }, encoding: 'utf8' }))
      expect(answer('sesame')).toMatchObject({ object: 'text_completion', model: "it's" })
      expect(answer('wrong')).toMatchObject({ error: { code: 'invalid_api_key' } })
      expect(err()).not.toContain('sesame')
    },
    120_000,
  )

  test('answers chats in the format that is asked for', async () => {
    const { url, curl, err } = await serving(['--chat-format', 'alpaca'])
    expect(curl).toContain('/v1/chat/completions')
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 })
    const { usage } = await client.chat.completions.create({ model: 'tale', messages: [{ role: 'user', content: 'Add.' }], max_tokens: 4 })
    expect(usage!.prompt_tokens).toBe(1 + '### Instruction:\nAdd.\n### Response:\n'.length)
    expect(err()).not.toContain('warning')
  })

  test('answers as the model and an adapter beside it', async () => {
    const { url } = await serving(['--adapter', adapter])
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 })
    const { choices } = await client.completions.create({ model: 'tale', prompt: 'Once', max_tokens: 8, temperature: 1, seed: 3 })
    const words = ['lm', 'generate', '--model', folder, '--prompt', 'Once', '--max-new-tokens', '8', '--temperature', '1', '--seed', '3']
    expect(choices[0].text).toBe((await shell([...words, '--adapter', adapter])).out)
    expect(choices[0].text).not.toBe((await shell(words)).out)
  })

  test('warns of a template that it does not know, and goes on', async () => {
    const strange = join(scratch(), 'strange')
    cpSync(folder, strange, { recursive: true })
    const path = join(strange, 'tokenizer_config.json')
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), chat_template: '{{ messages }}' }))
    const { err, curl } = await serving(['--model', strange])
    expect(err()).toMatch(/^warning: chat_template: .*choose one of plain, alpaca/m)
    expect(curl).toContain('/v1/completions')
  })

  test('warns where other machines reach it', async () => {
    const { url, err } = await serving(['--host', '0.0.0.0', '--api-key-env', 'TALE_KEY'], { TALE_KEY: 'sesame' })
    expect(err()).toMatch(/^warning: other machines reach 0\.0\.0\.0.*TALE_KEY/m)
    expect((await fetch(`${url.replace('0.0.0.0', '127.0.0.1')}/v1/models`)).status).toBe(401)
  })
})

describe('refuses with one line and status 2', () => {
  const refused = async (...words: string[]) => {
    const { status, out, err } = await shell(['lm', 'serve', ...words])
    expect([status, out]).toEqual([2, ''])
    expect(err.split('\n')).toHaveLength(1)
    return err
  }

  test('a port that is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    expect(await refused('--model', folder, '--port', `${port}`)).toBe(
      `quire: 127.0.0.1:${port}: the port is in use; give another one, or 0 for one that is free`,
    )
  })

  test.each([
    ['a model that is not there', ['--model', 'nowhere'], /nowhere.*config\.json/],
    ['no model', [], /--model/],
    ['a port that is none', ['--model', 'x', '--port', '70000'], /port/],
    ['an open address without a key', ['--model', 'x', '--host', '0.0.0.0'], /^quire: --host 0\.0\.0\.0: .*--api-key-env/],
    ['a key that is not set', ['--model', 'x', '--api-key-env', 'QUIRE_NO_SUCH'], /QUIRE_NO_SUCH is not set/],
    ['a chat format that there is not', ['--model', 'x', '--chat-format', 'chatlm'], /chat-format.*chatml/],
    ['an option that it has not', ['--model', 'x', '--prot', '1'], /--port/],
  ])('%s', async (_, words, message) => expect(await refused(...words)).toMatch(message))

  test('a context that the model has not', async () => {
    expect(await refused('--model', folder, '--context', '1000')).toContain('the model has 512')
  })
})
