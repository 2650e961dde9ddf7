import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { InputError } from '../../../engine/index.ts'
import { isLoopback } from './access.ts'
import { type AppOptions, openAiApp } from './app.ts'
import type { ServedModel } from './served-model.ts'

export interface ListenOptions extends Omit<AppOptions, 'localOnly'> {
  /** Default: 127.0.0.1. Any that other machines reach needs an `apiKey`. */
  readonly host?: string
  /** Default: 8080; 0 takes one that is free. */
  readonly port?: number
}

export interface RunningServer {
  readonly host: string
  readonly port: number
  /** Such as `http://127.0.0.1:8080`; OpenAI's clients are given it with `/v1`. */
  readonly url: string
  /** Takes nothing on any more, lets what is under way go on for `grace` milliseconds (default: 0), and ends it. The model's service stays open. */
  close(grace?: number): Promise<void>
}

/** Milliseconds for which a connection without a request is kept: longer than clients keep theirs, so that none sends into one that closes. */
const idle = 65_000

/** Milliseconds in which the last bytes must have left. */
const farewell = 500

/**
 * Serves a model to OpenAI's clients.
 *
 * @throws InputError where the address cannot be listened on, or is open to others without a key.
 * @example
 * import { byteTokenizer, initDecoder, llamaConfig, sizes } from 'quire/lm'
 *
 * const config = llamaConfig({ ...sizes.tiny })
 * const model = servedModel({ config, params: initDecoder(config, key(0)), tokenizer: byteTokenizer }, { name: 'tiny' })
 * const server = await listen(model, { port: 0 })
 * const health = await fetch(`${server.url}/health`)
 * health.status // 200
 * await server.close()
 * await model.service.close()
 */
export async function listen(model: ServedModel, options: ListenOptions = {}): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 8080, ...rest } = options
  if (!isLoopback(host) && !options.apiKey)
    throw new InputError('other machines reach this address, and no key is required of them', { where: host, fix: 'give an API key' })
  const app = openAiApp(model, { ...rest, localOnly: isLoopback(host) })
  const server = createAdaptorServer({ fetch: app.fetch, hostname: host, overrideGlobalObjects: false }) as Server
  server.keepAliveTimeout = idle
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port)))
    server.listen(port, host, resolve)
  })
  const actual = (server.address() as AddressInfo).port
  return {
    host,
    port: actual,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    async close(grace = 0) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      // Connections whose last response has left, one after the other; then all.
      const sweep = setInterval(() => server.closeIdleConnections(), 10)
      await app.close(grace)
      const end = setTimeout(() => server.closeAllConnections(), farewell)
      await closed
      clearInterval(sweep)
      clearTimeout(end)
    },
  }
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): InputError {
  const [what, fix] =
    error.code === 'EADDRINUSE'
      ? ['the port is in use', 'give another one, or 0 for one that is free']
      : error.code === 'EACCES'
        ? ['the port may not be used', 'give one from 1024']
        : [`nothing can listen there (${error.code})`, 'give an address of this machine']
  return new InputError(what, { where: `${host}:${port}`, fix, cause: error })
}
