import type { SSEStreamingApi } from 'hono/streaming'
import { pathsOf } from '../../experiment/run/run-folder.ts'
import type { RunEvent } from '../api.ts'
import { beginning, idOf, nextBatch, type Place } from './metrics-tail.ts'
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
  readonly folder: string
  readonly from: Place
}

/** What is the same in two states of which neither is news. */
const news = ({ card: { lastSeen: _, ...card }, units }: RunState): string => JSON.stringify([card, units])

/** Streams a run until it has come to its end, or to a stop. */
export async function streamRun(stream: SSEStreamingApi, { runs, folder, from }: Watched): Promise<void> {
  const { metrics } = pathsOf(folder)
  let place = from
  let told = ''
  let lastWritten = Date.now()
  const send = async (event: RunEvent) => {
    lastWritten = Date.now()
    await stream.writeSSE({ data: JSON.stringify(event), id: idOf(place) })
  }

  /** Everything that has been appended. */
  async function sendObservations(): Promise<void> {
    for (;;) {
      const batch = stream.aborted ? undefined : nextBatch(metrics, place)
      if (batch === undefined) return
      place = batch === 'anew' ? beginning : batch.place
      if (batch === 'anew') await send({ kind: 'anew' })
      else if (batch.series.length) await send({ kind: 'observations', series: batch.series })
    }
  }

  for (let looks = 0; !stream.aborted; looks++) {
    // The state before the observations: what a run logged before it ended is sent before its end.
    const state = looks % looksAState === 0 ? await runState(runs, folder) : undefined
    await sendObservations()
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
