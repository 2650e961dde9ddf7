import type { ComponentChildren } from 'preact'
import { memo } from 'preact/compat'
import { formatSeconds } from '../../../experiment/format.ts'
import { messages } from '../../../experiment/report/messages.ts'
import type { RunCard } from '../../api.ts'
import { sentences, texts } from '../../texts.ts'
import { useText } from '../language/use-language.tsx'
import { runAddress } from '../router/route.ts'
import { StateBadge, StatusBadge } from './badge.tsx'
import { usePortions } from './portions.ts'
import { Progress } from './progress.tsx'
import type { Column, Order } from './run-order.ts'
import { When } from './when.tsx'

/** What the columns are called. */
export const heads = {
  run: texts.run,
  status: texts.status,
  preset: texts.preset,
  began: texts.began,
  took: texts.took,
  state: messages.claims,
} as const

interface RunTableProps {
  readonly runs: readonly RunCard[]
  /** What was asked for: where it changes, other rows come. */
  readonly asked?: string
  readonly order?: Order
  setOrder?(order: Order): void
  readonly marked?: ReadonlySet<string>
  mark?(path: string): void
}

/**
 * Runs, a row each. Rows are no table rows for the browser, so that it may leave out those that are out of sight (content-visibility): a thousand of
 * them scroll as ten do, and all are found by the browser's own search and printed.
 */
export function RunTable({ runs, asked, order, setOrder, marked, mark }: RunTableProps) {
  const t = useText()
  return (
    <table class={mark ? 'runs markable' : 'runs'}>
      <caption class="unseen">{t(texts.runs)}</caption>
      <thead>
        <tr>
          {mark && (
            <th scope="col" class="mark">
              <span class="unseen">{t(texts.compare)}</span>
            </th>
          )}
          {(Object.keys(heads) as (keyof typeof heads)[]).map((name) => (
            <Head key={name} name={name} order={order} setOrder={setOrder}>
              {t(heads[name])}
            </Head>
          ))}
        </tr>
      </thead>
      <Rows key={asked} runs={runs} marked={marked} mark={mark} />
    </table>
  )
}

/** A thousand rows at once would stop the page for half a second: they come a portion a frame, from the top. */
function Rows({ runs, marked, mark }: Pick<RunTableProps, 'runs' | 'marked' | 'mark'>) {
  const drawn = usePortions(runs.length)
  return (
    <tbody>
      {runs.slice(0, drawn).map((run) => (
        <Row key={run.path} run={run} words={JSON.stringify(run)} isMarked={marked?.has(run.path)} mark={mark} />
      ))}
    </tbody>
  )
}

interface HeadProps {
  readonly name: Column
  readonly order?: Order
  setOrder?(order: Order): void
  readonly children: ComponentChildren
}

function Head({ name, order, setOrder, children }: HeadProps) {
  const [isUp, isDown] = [order === name, order === `-${name}`]
  return (
    <th scope="col" class={name} aria-sort={isUp ? 'ascending' : isDown ? 'descending' : undefined}>
      {setOrder ? (
        <button type="button" onClick={() => setOrder(isDown ? name : `-${name}`)}>
          {children} <span aria-hidden="true">{isUp ? '↑' : isDown ? '↓' : '↕'}</span>
        </button>
      ) : (
        children
      )}
    </th>
  )
}

interface RowProps {
  readonly run: RunCard
  /** The run as JSON: a row is drawn anew only when it says something else. */
  readonly words: string
  readonly isMarked?: boolean
  mark?(path: string): void
}

const Row = memo(
  function Row({ run, isMarked = false, mark }: RowProps) {
    const t = useText()
    const { path, title, status, preset, seeds, started, seconds, outcome, problem, real } = run
    const cut = path.lastIndexOf('/')
    return (
      <tr>
        {mark && (
          <td class="mark">
            <input
              type="checkbox"
              checked={isMarked}
              disabled={status === 'damaged'}
              aria-label={t(sentences.mark(path))}
              onChange={() => mark(path)}
            />
          </td>
        )}
        <th scope="row" class="run">
          <a href={runAddress(path)} title={title}>
            <b>{path.slice(0, Math.max(0, cut))}</b>
            {path.slice(cut)}
          </a>
          {problem && <small class="warns">{problem}</small>}
        </th>
        <td class="status">
          <StatusBadge status={status} />
          {(status === 'running' || status === 'interrupted') && <Progress run={run} />}
        </td>
        <td class="preset">
          {preset}
          {seeds && <small>{t(sentences.seedsOf(seeds.length))}</small>}
        </td>
        <td class="began">
          {started && <When iso={started} />}
          {real === false && <small>{t(texts.generated)}</small>}
        </td>
        <td class="took numbers">{seconds !== undefined && formatSeconds(seconds)}</td>
        <td class="state">{outcome && <StateBadge state={outcome} />}</td>
      </tr>
    )
  },
  (a, b) => a.words === b.words && a.isMarked === b.isMarked && a.mark === b.mark,
)
