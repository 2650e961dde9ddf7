import { useEffect, useMemo, useState } from 'preact/hooks'
import { messages } from '../../../experiment/report/messages.ts'
import type { Report } from '../../../experiment/report/report.ts'
import { measuredText } from '../../../experiment/report/rows.ts'
import { inEach, inLanguage } from '../../../experiment/text.ts'
import type { RunUnit } from '../../api.ts'
import { texts } from '../../texts.ts'
import { StatusBadge, VerdictBadge } from '../components/badge.tsx'
import { Boundary } from '../components/boundary.tsx'
import { Section } from '../components/section.tsx'
import { settingRows } from '../components/settings-rows.ts'
import { Panel, type Source } from '../curves/panel.tsx'
import { type LiveRun, useRun } from '../curves/use-run.ts'
import { useText } from '../language/use-language.tsx'
import { compareAddress, runAddress } from '../router/route.ts'
import { useTitle } from '../title.ts'
import { shortNames } from './short-names.ts'

/** What is known of the runs that are compared, by path. */
type Known = Readonly<Record<string, LiveRun>>

/** Several runs side by side: the same quantities in the same charts, what differs in their settings, their claims. */
export function CompareView({ runs }: { readonly runs: readonly string[] }) {
  const t = useText()
  useTitle(t(texts.compareRuns))
  const [known, setKnown] = useState<Known>({})
  const tell = useMemo(() => (path: string, run: LiveRun) => setKnown((before) => ({ ...before, [path]: run })), [])
  const shown = runs.filter((path) => known[path]?.page.data)
  return (
    <>
      <h1>{t(texts.compareRuns)}</h1>
      {runs.length < 2 && <p class="note">{t(texts.compareHint)}</p>}
      <p>
        <a href="/runs">{t(texts.toRuns)}</a>
      </p>
      <ul class="compared">
        {runs.map((path) => (
          <Listed key={path} path={path} rest={runs.filter((other) => other !== path)} tell={tell} />
        ))}
      </ul>
      {shown.length > 0 && (
        <>
          <ComparedCurves paths={shown} known={known} />
          <Boundary>
            <ComparedClaims paths={shown} known={known} />
          </Boundary>
          <ComparedSettings paths={shown} known={known} />
        </>
      )}
    </>
  )
}

interface ListedProps {
  readonly path: string
  readonly rest: readonly string[]
  tell(path: string, run: LiveRun): void
}

/** One of the runs; it follows the run for the whole page. */
function Listed({ path, rest, tell }: ListedProps) {
  const t = useText()
  const run = useRun(path)
  const { page, version, units, card } = run
  // `run` is another object each time; these are what changes of it.
  useEffect(() => tell(path, run), [path, tell, page.data, version, units, card])
  return (
    <li>
      <a href={runAddress(path)}>
        <code>{path}</code>
      </a>{' '}
      {card && <StatusBadge status={card.status} />}{' '}
      <a class="quiet" href={compareAddress(rest)}>
        {t(texts.removeRun)}
      </a>
      {card?.problem && <small class="warns">{card.problem}</small>}
      {page.refusal && <small class="warns">{page.refusal.message}</small>}
    </li>
  )
}

interface PartProps {
  readonly paths: readonly string[]
  readonly known: Known
}

function ComparedCurves({ paths, known }: PartProps) {
  const t = useText()
  const runs = paths.map((path) => known[path])
  const quantities = [...new Set(runs.flatMap(({ curves }) => curves.names()))]
  const version = runs.reduce((sum, run) => sum + run.version, 0)
  const named = JSON.stringify(paths.map((path) => [path, known[path].units.map(({ unit, arm, label, kind }) => [unit, arm, label, kind])]))
  const [onlyMethods, setOnlyMethods] = useState(true)
  // `named` is what of the runs makes another list of arms.
  const sources = useMemo(() => {
    const names = shortNames(paths)
    return paths.flatMap((path) => sourcesOf(names.get(path)!, known[path], onlyMethods))
  }, [named, onlyMethods])
  return (
    <Section id="curves" title={t(texts.curves)}>
      <label class="check">
        <input type="checkbox" checked={onlyMethods} onChange={() => setOnlyMethods(!onlyMethods)} />
        <span>{t(texts.onlyMethods)}</span>
      </label>
      {quantities.length ? <Panel quantities={quantities} sources={sources} version={version} /> : <p class="note">{t(texts.noCurves)}</p>}
    </Section>
  )
}

/** The arms of a run; where it has none that is the method, all. */
function sourcesOf(name: string, { units, curves }: LiveRun, onlyMethods: boolean): Source[] {
  const methods = units.filter(({ kind }) => kind === 'method')
  const chosen = onlyMethods && methods.length ? methods : units
  const arms = [...new Set(chosen.map(({ arm }) => arm))]
  return arms.map((arm) => {
    const own: readonly RunUnit[] = units.filter((unit) => unit.arm === arm)
    return {
      label: inEach((language) => `${inLanguage(own[0].label, language)} · ${name}`),
      curves: (quantity) => own.flatMap(({ unit }) => curves.of(quantity).get(unit) ?? []),
    }
  })
}

type Claim = Report['claims'][number]

function ComparedClaims({ paths, known }: PartProps) {
  const t = useText()
  const reports = paths.map((path) => known[path].page.data?.report)
  const claims = new Map<string, Claim>(reports.flatMap((report) => report?.claims.map((claim) => [claim.id, claim] as const) ?? []))
  if (!claims.size) return null
  return (
    <Section id="claims" title={t(messages.claims)}>
      <div class="wide">
        <table>
          <Heads first={t(messages.claim)} paths={paths} />
          <tbody>
            {[...claims].map(([id, { statement, statementZh }]) => (
              <tr key={id}>
                <th scope="row">
                  {t({ en: statement, zh: statementZh })}
                  <small>
                    <code>{id}</code>
                  </small>
                </th>
                {reports.map((report, i) => {
                  const own = report?.claims.find((claim) => claim.id === id)
                  return (
                    <td key={paths[i]}>
                      {own && (
                        <>
                          <VerdictBadge verdict={own.verdict} /> <span class="numbers">{measuredText(own.measured)}</span>
                        </>
                      )}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  )
}

function Heads({ first, paths }: { readonly first: string; readonly paths: readonly string[] }) {
  const names = shortNames(paths)
  return (
    <thead>
      <tr>
        <th scope="col">{first}</th>
        {paths.map((path) => (
          <th key={path} scope="col" title={path}>
            <code>{names.get(path)}</code>
          </th>
        ))}
      </tr>
    </thead>
  )
}

function ComparedSettings({ paths, known }: PartProps) {
  const t = useText()
  const [onlyDifferences, setOnlyDifferences] = useState(true)
  const configs = paths.map((path) => {
    const { card, config } = known[path].page.data!
    return { ...(card.method && { method: card.method }), ...(card.preset && { preset: card.preset }), seeds: card.seeds ?? [], ...config }
  })
  const all = settingRows(configs)
  const rows = onlyDifferences ? all.filter(({ differs }) => differs) : all
  return (
    <Section id="settings" title={t(texts.settings)}>
      <label class="check">
        <input type="checkbox" checked={onlyDifferences} onChange={() => setOnlyDifferences(!onlyDifferences)} />
        <span>{t(texts.onlyDifferences)}</span>
      </label>
      {rows.length ? (
        <div class="wide">
          <table class="compared-settings">
            <Heads first={t(texts.key)} paths={paths} />
            <tbody>
              {rows.map(({ key, values, differs }) => (
                <tr key={key} class={differs ? 'differs' : undefined}>
                  <th scope="row">
                    <code>{key}</code>
                    {differs && <small>{t(texts.differs)}</small>}
                  </th>
                  {values.map((value, i) => (
                    <td key={paths[i]}>
                      <code>{value ?? '–'}</code>
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <p class="note">{t(texts.allTheSame)}</p>
      )}
    </Section>
  )
}
