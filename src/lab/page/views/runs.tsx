import { useCallback, useMemo } from 'preact/hooks'
import type { RunCard } from '../../api.ts'
import { sentences, texts } from '../../texts.ts'
import { useAsked } from '../asked.ts'
import { Answer } from '../components/answer.tsx'
import { Choice, SearchField } from '../components/filters.tsx'
import { columns, isOrder, matching, type Order, sorted } from '../components/run-order.ts'
import { heads, RunTable } from '../components/run-table.tsx'
import { useText } from '../language/use-language.tsx'
import { useKept } from '../router/kept.ts'
import { useAddressWord } from '../router/location.ts'
import { compareAddress } from '../router/route.ts'
import { useTitle } from '../title.ts'

/** All runs, as they go. */
export function RunsView() {
  const t = useText()
  useTitle(t(texts.runs))
  return (
    <>
      <h1>{t(texts.runs)}</h1>
      <Answer asked={useAsked<readonly RunCard[]>('/api/runs', 2000)}>
        {(runs) => (runs.length ? <Runs runs={runs} /> : <p>{t(texts.noRuns)}</p>)}
      </Answer>
    </>
  )
}

const statuses: readonly RunCard['status'][] = ['running', 'interrupted', 'complete', 'damaged']

const noneMarked: ReadonlySet<string> = new Set()

function Runs({ runs }: { readonly runs: readonly RunCard[] }) {
  const t = useText()
  const [query, setQuery] = useAddressWord('q')
  const [status, setStatus] = useAddressWord('status')
  const [word, setOrder] = useAddressWord('sort', '-began')
  const [marked, setMarked] = useKept<ReadonlySet<string>>('marked', noneMarked)
  const order: Order = isOrder(word) ? word : '-began'
  const shown = useMemo(() => sorted(matching(runs, query, status), order), [runs, query, status, order])
  const mark = useCallback((path: string) => {
    setMarked((before) => {
      const next = new Set(before)
      if (!next.delete(path)) next.add(path)
      return next
    })
  }, [])
  return (
    <>
      <search class="tools">
        <SearchField value={query} onChange={setQuery} />
        <Choice label={texts.status} options={statuses.map((name) => [name, texts[name]])} value={status} onChange={setStatus} />
        <Sorting order={order} setOrder={setOrder} />
        {marked.size > 1 ? (
          <a class="button primary" href={compareAddress([...marked])}>
            {t(sentences.compareMarked(marked.size))}
          </a>
        ) : (
          <span class="note">{t(texts.chooseToCompare)}</span>
        )}
        <output class="count">{t(sentences.runsShown(shown.length, runs.length))}</output>
      </search>
      {shown.length ? (
        <RunTable runs={shown} asked={`${order} ${status} ${query}`} order={order} setOrder={setOrder} marked={marked} mark={mark} />
      ) : (
        <p>{t(texts.noneFound)}</p>
      )}
    </>
  )
}

/** Where there is no room for the table's head, with which it is sorted elsewhere. */
function Sorting({ order, setOrder }: { readonly order: Order; setOrder(order: string): void }) {
  const t = useText()
  return (
    <label class="sorting">
      <span>{t(texts.sortBy)}</span>
      <select value={order} onChange={({ currentTarget }) => setOrder(currentTarget.value)}>
        {columns.flatMap((name) => [
          <option key={name} value={name}>
            {t(sentences.rising(heads[name]))}
          </option>,
          <option key={`-${name}`} value={`-${name}`}>
            {t(sentences.falling(heads[name]))}
          </option>,
        ])}
      </select>
    </label>
  )
}
