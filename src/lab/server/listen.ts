import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { InputError } from '../../engine/errors.ts'
import { type LabOptions, labApp } from './app.ts'

export interface RunningLab {
  readonly url: string
  /** Ends what is under way; runs that were started go on. */
  close(): Promise<void>
}

/** No other machine reaches it. */
const host = '127.0.0.1'

/**
 * Serves the lab on this machine alone.
 * @throws InputError where the port cannot be had.
 */
export async function listenLab({ port, ...options }: LabOptions & { readonly port: number }): Promise<RunningLab> {
  const server = createAdaptorServer({ fetch: labApp(options).fetch, hostname: host, overrideGlobalObjects: false }) as Server
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, port)))
    server.listen(port, host, resolve)
  })
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function cannotListen(error: NodeJS.ErrnoException, port: number): InputError {
  const [what, fix] =
    error.code === 'EADDRINUSE'
      ? ['the port is in use, perhaps by another lab', 'give another one, or --port 0 for one that is free']
      : error.code === 'EACCES'
        ? ['the port may not be used', 'give one from 1024']
        : [`nothing can listen there (${error.code ?? error.message})`, 'give another port']
  return new InputError(what, { where: `--port ${port}`, fix, cause: error })
}
