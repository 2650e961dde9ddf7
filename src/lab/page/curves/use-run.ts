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
  const [round, setRound] = useState(0)
  const { again } = page
  const told = useRef('')
  const hasEnded = useRef(false)
  // A new round listens anew.
  useEffect(
    () =>
      followRun(path, (event) => {
        if (event.kind === 'observations') curves.add(event.series)
        if (event.kind === 'anew') curves.clear()
        if (event.kind === 'state') {
          setState({ path, card: event.card, units: event.units })
          // What a run has made changes when one of its units ends, or itself.
          const news = `${event.card.status} ${event.card.unitsDone} ${event.card.outcome}`
          if (told.current && told.current !== news) again()
          told.current = news
        }
        if (event.kind === 'end') {
          hasEnded.current = true
          again()
        }
        redraw()
      }),
    [path, curves, round, again, redraw],
  )
  const live = state?.path === path ? state : page.data
  const follow = useCallback(() => {
    hasEnded.current = false
    curves.clear()
    setRound((count) => count + 1)
    again()
  }, [curves, again])
  const status = page.data?.card.status
  useEffect(() => {
    setOver(status === 'complete')
    if (status === 'running' && hasEnded.current) follow()
  }, [status, follow])
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
