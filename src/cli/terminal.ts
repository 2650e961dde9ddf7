import { launchIn } from '../train/parallel/mpi/launch.ts'

/** Where commands read and write; tests give their own. */
export interface Terminal {
  /** Results. */
  out(line: string): void
  /** Results as they come, without an end of line. */
  write?(text: string): void
  /** Progress, notices and errors. */
  err(line: string): void
  /** What must be heard, even of a rank that is silent otherwise. */
  alarm?(line: string): void
  readonly errStream: NodeJS.WritableStream
  readonly outIsTty: boolean
  readonly errIsTty: boolean
  /** How wide standard output is, where it is a terminal. */
  readonly columns?: number
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted by Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal
}

/** The process's own terminal. The first Ctrl-C asks the work to stop, the second one stops the process; both leave a run that can be resumed. */
export function processTerminal(): Terminal {
  const controller = new AbortController()
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  process.stdout.on('error', quietly)
  process.stderr.on('error', quietly)
  // Of the ranks that one mpirun has started, only the first speaks.
  const silent = (launchIn(process.env)?.rank ?? 0) > 0
  const alarm = (line: string) => process.stderr.write(`${line}\n`)
  return {
    out: silent ? () => {} : (line) => process.stdout.write(`${line}\n`),
    write: silent ? () => {} : (text) => process.stdout.write(text),
    err: silent ? () => {} : alarm,
    alarm,
    errStream: process.stderr,
    outIsTty: process.stdout.isTTY === true && !silent,
    errIsTty: process.stderr.isTTY === true && !silent,
    columns: process.stdout.columns,
    env: process.env,
    signal: controller.signal,
  }
}

/** Nobody reads on, as in `quire list | head -1`. */
function quietly(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
}
