import type { RunCard } from '../../api.ts'

/** By what a list of runs can be sorted. */
export const columns = ['began', 'run', 'status', 'preset', 'took', 'state'] as const
export type Column = (typeof columns)[number]

const keys: Readonly<Record<Column, (run: RunCard) => string | number>> = {
  began: ({ started = '' }) => started,
  run: ({ path }) => path,
  status: ({ status }) => ['running', 'interrupted', 'damaged', 'complete'].indexOf(status),
  preset: ({ preset = '' }) => ['smoke', 'small', 'paper'].indexOf(preset),
  took: ({ seconds = -1 }) => seconds,
  state: ({ outcome }) => ['fails', 'controlHolds', 'undecided', 'holds', 'notJudged'].indexOf(outcome ?? ''),
}

/** `-began`: the newest first. */
export type Order = Column | `-${Column}`

export const isOrder = (word: string): word is Order => columns.includes(word.replace(/^-/, '') as Column)

/** Runs in an order; those of equal rank by age, the newest first. */
export function sorted(runs: readonly RunCard[], order: Order): RunCard[] {
  const sign = order.startsWith('-') ? -1 : 1
  const key = keys[order.replace(/^-/, '') as Column]
  const compare = (a: string | number, b: string | number) => (a < b ? -1 : a > b ? 1 : 0)
  return runs
    .map((run) => ({ run, key: key(run) }))
    .sort((a, b) => sign * compare(a.key, b.key) || compare(keys.began(b.run), keys.began(a.run)))
    .map(({ run }) => run)
}

/** Runs with all words in path, title, preset or status. */
export function matching(runs: readonly RunCard[], query: string, status: string): RunCard[] {
  const asked = query.toLowerCase().split(/\s+/).filter(Boolean)
  return runs.filter((run) => {
    const words = asked.length ? [run.path, run.title, run.preset, run.status, run.outcome].join('\n').toLowerCase() : ''
    return (!status || run.status === status) && asked.every((word) => words.includes(word))
  })
}
