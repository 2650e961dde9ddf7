import type { RefObject } from 'preact'
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { formatSeconds } from '../../../experiment/format.ts'
import { messages, outcomeTexts } from '../../../experiment/report/messages.ts'
import type { Report } from '../../../experiment/report/report.ts'
import type { RunPage, RunUnit, Started } from '../../api.ts'
import { sentences, texts } from '../../texts.ts'
import { Gallery } from '../artifacts/gallery.tsx'
import { ReportFigures } from '../artifacts/report-figures.tsx'
import { ask, type NoAnswer, type Refusal } from '../ask.ts'
import { Answer } from '../components/answer.tsx'
import { StateBadge, StatusBadge } from '../components/badge.tsx'
import { Boundary } from '../components/boundary.tsx'
import { Claims } from '../components/claims.tsx'
import { Command } from '../components/command.tsx'
import { ProblemNote } from '../components/problem.tsx'
import { Progress } from '../components/progress.tsx'
import { Section } from '../components/section.tsx'
import { settingRows } from '../components/settings-rows.ts'
import { claimsOfReport } from '../components/shown-claims.ts'
import { Tasks } from '../components/tasks.tsx'
import { Units } from '../components/units.tsx'
import { When } from '../components/when.tsx'
import { Panel, type Source } from '../curves/panel.tsx'
import { type LiveRun, useRun } from '../curves/use-run.ts'
import { groupBy } from '../group-by.ts'
import { useText } from '../language/use-language.tsx'
import { go } from '../router/location.ts'
import { fileSource, paperAddress, runAddress, runSource } from '../router/route.ts'
import { useTitle } from '../title.ts'

/** A run, the same whether it goes on or is over. */
export function RunView({ path }: { readonly path: string }) {
  const run = useRun(path)
  useTitle(path)
  return <Answer asked={run.page}>{(page) => <Run path={path} page={page} run={run} />}</Answer>
}

interface RunProps {
  readonly path: string
  readonly page: RunPage
  readonly run: LiveRun
}

function Run({ path, page, run }: RunProps) {
  const t = useText()
  const { report, artifacts, command, resume, config, settings } = page
  const hasFigures = artifacts.some(({ title }) => title)
  const made = artifacts.filter(({ title }) => !title)
  return (
    <article>
      <Head path={path} page={page} run={run} />
      {report && (
        <Boundary>
          <Judged report={report} />
        </Boundary>
      )}
      {page.tasks && (
        <Section id="tasks" title={t(texts.tasks)}>
          <Tasks run={path} tasks={page.tasks} />
        </Section>
      )}
      <CurveSection run={run} path={path} isGathered={!page.tasks} />
      {run.units.length > 0 && (
        <Section id="units" title={t(texts.units)}>
          <Units units={run.units} />
        </Section>
      )}
      {hasFigures && (
        <Section id="figures" title={t(messages.figures)}>
          <ReportFigures run={path} artifacts={artifacts} />
        </Section>
      )}
      {made.length > 0 && (
        <Section id="artifacts" title={t(texts.artifacts)}>
          <Gallery run={path} artifacts={made} />
        </Section>
      )}
      {command && (
        <Section id="repeat" title={t(texts.repeatIt)}>
          <Command text={command} />
          {resume && (
            <>
              <h3>{t(texts.goOn)}</h3>
              <Command text={resume} />
            </>
          )}
        </Section>
      )}
      <Settings config={config} settings={settings} />
    </article>
  )
}

function Head({ path, page, run }: RunProps) {
  const t = useText()
  const card = run.card ?? page.card
  const { method, title, status, outcome, preset, seeds, started, seconds, unitsDone = 0, unitsTotal, problem, real } = card
  const cut = path.lastIndexOf('/')
  const heading = useRef<HTMLHeadingElement>(null)
  return (
    <header class="head">
      <p class="over">{method ? <a href={paperAddress(method)}>{title ?? method}</a> : path.slice(0, Math.max(0, cut))}</p>
      <h1 class="id" tabIndex={-1} ref={heading}>
        <code>{path.slice(cut + 1)}</code>
      </h1>
      <p class="facts" aria-live="polite">
        <StatusBadge status={status} />
        {outcome && <StateBadge state={outcome} />}
        {preset && (
          <span>
            {t(texts.preset)} <code>{preset}</code>
          </span>
        )}
        {seeds && <span>{t(sentences.seedsOf(seeds.length))}</span>}
        {started && (
          <span>
            <When iso={started} seconds />
          </span>
        )}
        {seconds !== undefined && (
          <span class="numbers">
            {t(texts.took)} {formatSeconds(seconds)}
          </span>
        )}
        {real === false && <span class="warns">{t(texts.generated)}</span>}
      </p>
      {problem && <p class="problem">{problem}</p>}
      {status !== 'damaged' && (
        <div class="going">
          {status !== 'complete' && <Progress run={card} />}
          {unitsTotal !== undefined && <span class="numbers">{t(sentences.unitsDone(unitsDone, unitsTotal))}</span>}
          <Controls path={path} page={page} run={run} heading={heading} />
        </div>
      )}
    </header>
  )
}

interface ControlsProps extends RunProps {
  /** Has the focus of a button that goes. */
  readonly heading: RefObject<HTMLElement | null>
}

/** Stops a run, or goes on with it: one button, so that the focus stays on it. */
function Controls({ path, page: { can }, run, heading }: ControlsProps) {
  const t = useText()
  const [asked, setAsked] = useState<Act>()
  const [refusal, setRefusal] = useState<Refusal | NoAnswer>()
  const button = useFocusHeir<HTMLButtonElement>(heading)
  const what: Act | undefined = can.stop ? 'stop' : can.resume ? 'resume' : undefined
  // The stream tells of a change before the page says what can be done since.
  const isReady = !asked && run.card?.status === (what === 'stop' ? 'running' : 'interrupted')
  const act = async (what: Act) => {
    if (!isReady) return
    setAsked(what)
    setRefusal(undefined)
    try {
      const started = await ask<Started>(`${runSource(path)}/${what}`, {})
      if (started.path !== path) go(runAddress(started.path))
      run.follow()
    } catch (error) {
      setRefusal(error as Refusal | NoAnswer)
    }
    setAsked(undefined)
  }
  return (
    <>
      {what && (
        <button
          type="button"
          ref={button}
          class={what === 'resume' ? 'button primary' : 'button'}
          aria-disabled={!isReady}
          onClick={() => act(what)}
          title={what === 'stop' ? t(texts.stopHint) : undefined}
        >
          {t(actTexts[what][asked === what ? 'busy' : 'idle'])}
        </button>
      )}
      {refusal && <ProblemNote problem={refusal} />}
    </>
  )
}

type Act = 'stop' | 'resume'

const actTexts = {
  stop: { idle: texts.stop, busy: texts.stopping },
  resume: { idle: texts.resume, busy: texts.resuming },
} as const

/** For an element that may go while it has the focus: then another one has it. */
function useFocusHeir<E extends HTMLElement>(heir: RefObject<HTMLElement | null>): RefObject<E | null> {
  const element = useRef<E>(null)
  const hadFocus = element.current !== null && document.activeElement === element.current
  useLayoutEffect(() => {
    if (hadFocus && !element.current) heir.current?.focus()
  })
  return element
}

function Judged({ report }: { readonly report: Report }) {
  const t = useText()
  const { claims, controls, outcome, data } = report
  return (
    <Section id="claims" title={t(messages.claims)} aside={<StateBadge state={outcome} />}>
      <p class="note">{claims.length ? t(outcomeTexts[outcome]) : t(messages.noClaims)}</p>
      {!data.real && <p class="problem">{t(messages.notReal)}</p>}
      {claims.length > 0 && <Claims claims={claimsOfReport({ claims, controls })} />}
    </Section>
  )
}

interface CurveSectionProps {
  readonly run: LiveRun
  readonly path: string
  /** Whether all observations lie in one file. */
  readonly isGathered: boolean
}

function CurveSection({ run: { curves, version, units }, path, isGathered }: CurveSectionProps) {
  const t = useText()
  const sources = useSources(units, curves)
  const quantities = curves.names()
  return (
    <Section
      id="curves"
      title={t(texts.curves)}
      aside={
        quantities.length > 0 &&
        isGathered && (
          <a href={fileSource(path, 'metrics.jsonl')} target="_blank" rel="noreferrer">
            {t(texts.metricsFile)}
          </a>
        )
      }
    >
      {quantities.length ? <Panel quantities={quantities} sources={sources} version={version} /> : <p class="note">{t(texts.noCurves)}</p>}
    </Section>
  )
}

/** The arms of a run as sources of curves. They stay the same while only the states of their units change. */
function useSources(units: readonly RunUnit[], curves: LiveRun['curves']): readonly Source[] {
  const named = JSON.stringify(units.map(({ unit, arm, label }) => [unit, arm, label]))
  return useMemo(() => {
    const rows = JSON.parse(named) as [string, string, RunUnit['label']][]
    return [...groupBy(rows, ([, arm]) => arm).values()].map((own) => ({
      label: own[0][2],
      curves: (quantity: string) => own.flatMap(([unit]) => curves.of(quantity).get(unit) ?? []),
    }))
  }, [named, curves])
}

function Settings({ config, settings }: Pick<RunPage, 'config' | 'settings'>) {
  const t = useText()
  const rows = settingRows([config])
  const changed = new Set(settingRows([settings]).map(({ key }) => key))
  if (!rows.length) return null
  return (
    <Section id="settings" title={t(texts.settings)}>
      <dl class="settings">
        {rows.map(({ key, values: [value] }) => (
          <div key={key} class={changed.has(key) ? 'changed' : undefined}>
            <dt>
              <code>{key}</code>
            </dt>
            <dd>
              <code>{value}</code> {changed.has(key) && <small>{t(texts.changedByHand)}</small>}
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  )
}
