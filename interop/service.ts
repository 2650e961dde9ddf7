import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { pythonOf } from '../bench/install.mjs'
import { folder } from './python.ts'

/** A port of this machine that nobody listens on now. */
export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

export interface Service {
  readonly url: string
  stop(): Promise<void>
}

/** Starts a server of a Python package on a free port of 127.0.0.1 and waits until it answers; `args` are given the port. */
export async function service(args: (port: number) => string[], ready: string, env: Record<string, string> = {}): Promise<Service> {
  const port = await freePort()
  const child = spawn(pythonOf(folder), args(port), { env: { ...process.env, ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += bytes))
  const url = `http://127.0.0.1:${port}`
  for (let tries = 0; tries < 600 && child.exitCode === null; tries++) {
    if (await answers(url + ready)) return { url, stop: () => stopped(child) }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  await stopped(child)
  throw new Error(`${args(port).join(' ')} does not answer: ${said.split('\n').slice(-12).join('\n')}`)
}

const answers = (address: string): Promise<boolean> =>
  fetch(address).then(
    ({ ok }) => ok,
    () => false,
  )

/** With the processes that it has started itself. */
function stopped(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve()
    child.on('exit', () => resolve())
    process.kill(-child.pid!, 'SIGKILL')
  })
}

/** The command line of a script that a package installs. */
export const script = (name: string): string => join(folder, '.venv', process.platform === 'win32' ? 'Scripts' : 'bin', name)
