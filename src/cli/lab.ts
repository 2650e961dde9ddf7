import { fileURLToPath } from 'node:url'
import { listenLab } from '../lab/server/listen.ts'
import type { Shell } from './cli.ts'
import { wholeNumber } from './words.ts'

export interface LabCommandOptions {
  readonly port: string
}

/** The command line itself, for the runs that the page starts. */
const command = [process.execPath, fileURLToPath(new URL('./main.js', import.meta.url))]

/** `quire lab` */
export async function lab({ terminal, methods }: Shell, dir: string | undefined, { port }: LabCommandOptions): Promise<number> {
  const log = (line: string) => terminal.err(line)
  const running = await listenLab({ root: dir ?? 'runs', methods, command, log, port: wholeNumber('--port', port, 0) })
  terminal.out(`the lab is at ${running.url}; Ctrl-C ends it`)
  await new Promise<void>((resolve) => terminal.signal.addEventListener('abort', () => resolve(), { once: true }))
  await running.close()
  return 0
}
