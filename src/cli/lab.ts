import { listenLab } from '../lab/server/listen.ts'
import type { Shell } from './cli.ts'
import { wholeNumber } from './words.ts'

export interface LabCommandOptions {
  readonly port: string
}

/** `quire lab` */
export async function lab({ terminal, methods }: Shell, dir: string | undefined, { port }: LabCommandOptions): Promise<number> {
  const running = await listenLab({ root: dir ?? 'runs', methods, port: wholeNumber('--port', port, 0) })
  terminal.out(`the lab is at ${running.url}; Ctrl-C ends it`)
  await new Promise<void>((resolve) => terminal.signal.addEventListener('abort', () => resolve(), { once: true }))
  await running.close()
  return 0
}
