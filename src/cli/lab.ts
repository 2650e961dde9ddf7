import { spawn } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InputError } from '../engine/errors.ts'
import { listenLab } from '../lab/server/listen.ts'
import type { Shell } from './cli.ts'
import { exitStatus } from './failure.ts'
import { wholeNumber } from './words.ts'

export interface LabCommandOptions {
  readonly port: string
  readonly open?: boolean
}

/** The command line itself, for the runs that the page starts. */
const command = [process.execPath, fileURLToPath(new URL('./main.js', import.meta.url))]

/** `quire lab`: until Ctrl-C, after which it says that it was interrupted, since a server has no other end. */
export async function lab({ terminal, methods }: Shell, dir: string | undefined, options: LabCommandOptions): Promise<number> {
  const root = rootOf(dir)
  const port = wholeNumber('--port', options.port, 0)
  if (port > 65_535) throw new InputError(`${port} is no port`, { where: '--port', fix: 'give one up to 65535' })
  const running = await listenLab({ root, methods, command, log: (line) => terminal.err(line), port })
  terminal.out(`the lab on ${root}/ is at ${running.url}; Ctrl-C ends it, runs go on`)
  if (options.open) openBrowser(running.url, () => terminal.err(`no browser could be opened; go to ${running.url}`))
  await new Promise<void>((resolve) => {
    if (terminal.signal.aborted) resolve()
    terminal.signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await running.close()
  terminal.err('interrupted')
  return exitStatus.interrupted
}

/** The folder of runs; it need not be there yet. */
function rootOf(dir = 'runs'): string {
  const stat = statSync(dir, { throwIfNoEntry: false })
  if (stat && !stat.isDirectory()) throw new InputError('it is no folder', { where: dir, fix: 'give the folder that holds the runs' })
  if (existsSync(join(dir, 'run.json'))) throw new InputError('it is one run', { where: dir, fix: 'give the folder that holds the runs' })
  return dir.replace(/(?<=.)\/+$/, '')
}

const openers: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

function openBrowser(url: string, failed: () => void): void {
  const [program, ...words] = openers[process.platform] ?? ['xdg-open']
  spawn(program, [...words, url], { stdio: 'ignore', detached: true })
    .once('error', failed)
    .unref()
}
