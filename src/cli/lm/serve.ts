import { basename, resolve } from 'node:path'
import { z } from 'zod'
import { InputError } from '../../engine/errors.ts'
import type { RunningServer } from '../../kits/lm/server/index.ts'
import type { ServedModel } from '../../kits/lm/server/served-model.ts'
import { type ChatFormat, chatFormat, chatFormatNames } from '../../kits/lm/tokenizers/chat.ts'
import { verb } from '../../methods/method.ts'
import { chosenModel, modelOptions } from './chosen-model.ts'

/** Milliseconds in which requests under way may come to their end. */
const grace = 5000

const options = z.object({
  ...modelOptions,
  host: z.string().default('127.0.0.1').describe('the address to listen on; for any that other machines reach, --api-key-env'),
  port: z.int().min(0).max(65_535).default(8080).describe('0 takes one that is free'),
  name: z.string().min(1).optional().describe("the model's name in requests, instead of the folder's"),
  chatFormat: z.enum(chatFormatNames).optional().describe("how conversations are written, instead of as the checkpoint's template says"),
  batch: z.int().min(1).max(4096).default(8).describe('texts that are generated at a time'),
  queue: z.int().min(1).default(1024).describe('texts under way and waiting; what comes past it is told to come again'),
  context: z.int().min(2).optional().describe("the most tokens of prompt and answer together, instead of the model's own"),
  apiKeyEnv: z.string().optional().describe('the environment variable with the key that requests must carry'),
})

/** `quire lm serve` */
export const serve = verb({
  name: 'serve',
  summary: { en: "Answers OpenAI's clients from a model, until Ctrl-C", zh: '以 OpenAI 兼容接口提供模型服务，按 Ctrl-C 结束' },
  example: 'quire lm serve --model model --port 0',
  endless: true,
  options,
  async run({ options, signal, log, out }) {
    const { host, port, batch, queue, context } = options
    const apiKey = keyOf(options)
    const { chatFormatOf, isLoopback, listen, servedModel } = await import('../../kits/lm/server/index.ts')
    if (!isLoopback(host)) warn(host, apiKey, options.apiKeyEnv, log)
    const loaded = await chosenModel(options, log)
    const chat = options.chatFormat === undefined ? known(() => chatFormatOf(loaded.tokenizer), log) : chatFormat(options.chatFormat)
    const model = servedModel(loaded, { name: options.name ?? basename(resolve(options.model)), batch, context, chat })
    const server = await listen(model, { host, port, queue, apiKey, log })
    for (const line of greeting(model, server, options.apiKeyEnv)) out(line)
    await aborted(signal)
    log('ending; requests under way have 5 s, Ctrl-C ends them at once')
    await server.close(grace)
    await model.service.close()
    // A server has no other end: the command line says that it was interrupted.
    throw signal.reason
  },
})

/** Without a format chats are refused, and completions go on. */
function known(format: () => ChatFormat | undefined, log: (line: string) => void): ChatFormat | undefined {
  try {
    return format()
  } catch (error) {
    log(`warning: ${(error as Error).message}`)
    return undefined
  }
}

function keyOf({ apiKeyEnv }: z.output<typeof options>): string | undefined {
  if (apiKeyEnv === undefined) return undefined
  const key = process.env[apiKeyEnv]?.trim()
  if (!key) throw new InputError(`${apiKeyEnv} is not set`, { where: '--api-key-env', fix: `export ${apiKeyEnv}=… first` })
  return key
}

/** @throws InputError where others could come in without a key. */
function warn(host: string, apiKey: string | undefined, name: string | undefined, log: (line: string) => void): void {
  if (apiKey === undefined)
    throw new InputError('other machines reach this address, and no key is required of them', {
      where: `--host ${host}`,
      fix: 'give --api-key-env NAME, a variable that holds a key',
    })
  log(`warning: other machines reach ${host}, over plain HTTP; requests must carry the key in ${name}`)
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** What is served and where, and a command that can be pasted. */
function greeting({ name, context, chat }: ServedModel, { url, host }: RunningServer, keyName: string | undefined): string[] {
  const message = 'Once upon a time'
  const [path, body] = chat
    ? ['chat/completions', { model: name, messages: [{ role: 'user', content: message }], max_tokens: 32 }]
    : ['completions', { model: name, prompt: message, max_tokens: 32 }]
  const address = host === '0.0.0.0' || host === '::' ? url.replace(/\/\/.*:/, '//127.0.0.1:') : url
  const key = keyName === undefined ? '' : ` -H "authorization: Bearer $${keyName}"`
  return [
    `${name} is served at ${url}/v1, with a context of ${context} tokens${chat ? `, chats in the format ${chat.name}` : ', without a chat format'}; Ctrl-C ends it`,
    `curl ${address}/v1/${path} -H 'content-type: application/json'${key} -d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`,
  ]
}
