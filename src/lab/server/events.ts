import type { SSEStreamingApi } from 'hono/streaming'
import type { RunEvent } from '../api.ts'
import { beginning } from './metrics-tail.ts'
import { idOf, nextNews, type Reading } from './observed.ts'
import { type RunState, runState } from './run-page.ts'
import type { Runs } from './runs.ts'

/** Milliseconds between two looks at the file of observations. */
const look = 250
/** So many looks at it for one at everything else. */
const looksAState = 4
/** Milliseconds of silence after which a comment is sent, so that nobody thinks the connection dead. */
const silence = 15_000

export interface Watched {
  readonly runs: Runs
  /** `METHOD/ID` */
  readonly path: string
  readonly from: Reading
}

/** What is the same in two states of which neither is news. */
const news = ({ card: { lastSeen: _, ...card }, units }: RunState): string => JSON.stringify([card, units])

/** Streams runs side by side, each event with the path of its run. One that fails ends alone. */
export async function streamRuns(stream: SSEStreamingApi, all: readonly Watched[], log?: (error: Error) => void): Promise<void> {
  const streamed = all.map(async (watched) => {
    const send = (event: RunEvent, id?: string) => stream.writeSSE({ data: JSON.stringify({ run: watched.path, ...event }), id })
    await streamRun(stream, watched, send).catch((error: Error) => {
      log?.(error)
      return send({ kind: 'end' })
    })
  })
  await Promise.all(streamed)
}

/** Streams a run until it has come to its end, or to a stop, or is gone. */
export async function streamRun(
  stream: SSEStreamingApi,
  { runs, path, from }: Watched,
  write = (event: RunEvent, id: string) => stream.writeSSE({ data: JSON.stringify(event), id }),
): Promise<void> {
  let reading = from
  let told = ''
  let lastWritten = Date.now()
  const send = async (event: RunEvent) => {
    lastWritten = Date.now()
    await write(event, idOf(reading))
  }

  /** Everything that has been appended. */
  async function sendObservations(folder: string): Promise<void> {
    for (;;) {
      const found = stream.aborted ? undefined : nextNews(folder, reading)
      if (found === undefined) return
      reading = found === 'anew' ? beginning : found.reading
      if (found === 'anew') await send({ kind: 'anew' })
      else if (found.series.length) await send({ kind: 'observations', series: found.series })
    }
  }

  for (let looks = 0; !stream.aborted; looks++) {
    const folder = runs.folderAt(path)
    if (folder === undefined) return send({ kind: 'gone' })
    // The state before the observations: what a run logged before it ended is sent before its end.
    const state = looks % looksAState === 0 ? await runState(runs, folder) : undefined
    await sendObservations(folder)
    if (state && news(state) !== told) {
      told = news(state)
      await send({ kind: 'state', ...state })
    }
    if (state && state.card.status !== 'running') return send({ kind: 'end' })
    if (Date.now() - lastWritten > silence) {
      lastWritten = Date.now()
      await stream.write(': \n\n')
    }
    await stream.sleep(look)
  }
}
