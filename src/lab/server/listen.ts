import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { type LabOptions, labApp } from './app.ts'

export interface RunningLab {
  readonly url: string
  close(): Promise<void>
}

/** Serves the lab on this machine alone. */
export async function listenLab({ port, ...options }: LabOptions & { readonly port: number }): Promise<RunningLab> {
  const server = createAdaptorServer({ fetch: labApp(options).fetch, hostname: '127.0.0.1', overrideGlobalObjects: false }) as Server
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
