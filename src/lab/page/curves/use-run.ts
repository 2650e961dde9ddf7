import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { RunCard, RunPage, RunUnit } from '../../api.ts'
import { type Asked, useAsked } from '../asked.ts'
import { runSource } from '../router/route.ts'
import { Curves } from './curves.ts'
import { followRun } from './follow.ts'

/** Milliseconds between two drawings of curves that grow. */
const redrawEvery = 500

/** Milliseconds between two looks at a run that is not complete: somebody may go on with it from a terminal. */
const lookEvery = 3000

/** One and the same: whoever watches units would take another empty list for news. */
const noUnits: readonly RunUnit[] = []

/** What of a run tells that something has happened to it: one of its units has ended, or itself, or somebody has gone on with it. */
const newsOf = (card?: RunCard): string | undefined => card && [card.status, card.unitsDone, card.outcome, card.resumed].join(' ')

/** A run as it goes: what the server's page says, what its stream has said since, and its curves so far. */
export interface LiveRun {
  readonly page: Asked<RunPage>
  readonly card?: RunCard
  readonly units: readonly RunUnit[]
  readonly curves: Curves
  /** The version of the curves that is to be drawn. */
  readonly version: number
  /** Listens again, as after a run was gone on with. */
  follow(): void
}

export function useRun(path: string): LiveRun {
  const [isOver, setOver] = useState(false)
  const page = useAsked<RunPage>(runSource(path), isOver ? undefined : lookEvery)
  const curves = useMemo(() => new Curves(), [path])
  const [version, redraw] = useVersion(curves)
  const [state, setState] = useState<{ readonly path: string; readonly card: RunCard; readonly units: readonly RunUnit[] }>()
  /** What the page had said when the stream ended. */
  const [end, setEnd] = useState<Asked<RunPage>>()
  const [round, setRound] = useState(0)
  const { again } = page
  const told = useRef<string | undefined>(undefined)
  const said = useRef(page)
  said.current = page
  // A new round listens anew.
  useEffect(
    () =>
      followRun(path, (event) => {
        if (event.kind === 'observations') curves.add(event.series)
        if (event.kind === 'anew') curves.clear()
        if (event.kind === 'state') {
          setState({ path, card: event.card, units: event.units })
          // What a run has made changes with it.
          const news = newsOf(event.card)
          if (told.current && told.current !== news) again()
          told.current = news
        }
        if (event.kind === 'end' || event.kind === 'gone') {
          setEnd(said.current)
          if (event.kind === 'gone') setOver(true)
          again()
        }
        redraw()
      }),
    [path, curves, round, again, redraw],
  )
  const streamed = state?.path === path ? state : undefined
  // Once the stream has ended, whatever the page says since is newer.
  const isNewer = end !== undefined && page.data !== end.data
  const live = (isNewer ? page.data : streamed) ?? page.data
  const follow = useCallback(() => {
    setEnd(undefined)
    setState(undefined)
    curves.clear()
    setRound((count) => count + 1)
    again()
  }, [curves, again])
  const status = page.data?.card.status
  useEffect(() => {
    if (status) setOver(status === 'complete')
  }, [status])
  // Somebody has gone on with it since, or removed it: another stream tells all of it.
  const isOther = isNewer && newsOf(page.data?.card) !== newsOf(streamed?.card)
  useEffect(() => {
    if (isOther && !isOver) follow()
  }, [isOther, isOver, follow])
  return { page, card: live?.card, units: live?.units ?? noUnits, curves, version, follow }
}

/** Tells of changes at once, and then not more often than curves are drawn. */
function useVersion(curves: Curves): [number, () => void] {
  const [version, setVersion] = useState(0)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [curves])
  const redraw = useMemo(() => {
    timer.current = undefined
    return () => {
      timer.current ??= setTimeout(() => {
        timer.current = undefined
        setVersion(curves.version)
      }, redrawEvery)
    }
  }, [curves])
  return [version, redraw]
}
