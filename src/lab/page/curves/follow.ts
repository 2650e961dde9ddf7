import type { OneOfRuns, RunEvent } from '../../api.ts'
import { isConnected } from '../ask.ts'

/*
 * A browser holds six connections to a server for all of its tabs together: a tab has one stream, of all runs that it follows, and none while nobody
 * sees it.
 */

/** How long to wait after a stream that broke, in milliseconds. */
const anewAfter = 2000

/** Places that are longer in all would be refused as an address: then all is read anew, and what comes again takes the place of what was there. */
const longestPlaces = 6000

interface Follower {
  readonly path: string
  readonly on: (event: RunEvent) => void
  /** The id of the last event, from where it goes on. */
  place: string
}

const followers = new Set<Follower>()
let source: EventSource | undefined
let timer: ReturnType<typeof setTimeout> | undefined

/** Follows what a run says, from its beginning, and after a break from where it was. Returns what ends it. */
export function followRun(path: string, on: (event: RunEvent) => void): () => void {
  const follower: Follower = { path, on, place: '0' }
  followers.add(follower)
  document.addEventListener('visibilitychange', listenAgain)
  listenAgain()
  return () => {
    if (followers.delete(follower)) listenAgain()
  }
}

const listenAgain = (): void => listenIn(0)

/** Of all runs that a view begins to follow one stream is opened. */
function listenIn(wait: number): void {
  source?.close()
  clearTimeout(timer)
  if (followers.size && !document.hidden) timer = setTimeout(listen, wait)
}

function listen(): void {
  source = new EventSource(`/api/events?${wordsOf([...followers])}`)
  source.onopen = () => isConnected.set(true)
  source.onmessage = ({ data, lastEventId }) => {
    const event = JSON.parse(data) as OneOfRuns
    for (const follower of followers) if (follower.path === event.run) tell(follower, event, lastEventId)
    if (!followers.size) source?.close()
  }
  source.onerror = () => listenIn(anewAfter)
}

function wordsOf(all: readonly Follower[]): URLSearchParams {
  const isTooLong = all.reduce((sum, { place }) => sum + place.length, 0) > longestPlaces
  return new URLSearchParams(
    all.flatMap(({ path, place }) => [
      ['run', path],
      ['from', isTooLong ? '0' : place],
    ]),
  )
}

function tell(follower: Follower, event: RunEvent, id: string): void {
  follower.place = id
  if (event.kind === 'end' || event.kind === 'gone') followers.delete(follower)
  follower.on(event)
}
