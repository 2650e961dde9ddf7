import { messages } from '../../../experiment/report/messages.ts'
import type { PaperPage, RunCard } from '../../api.ts'
import { sentences, texts } from '../../texts.ts'
import { useAsked } from '../asked.ts'
import { Answer } from '../components/answer.tsx'
import { StateBadge } from '../components/badge.tsx'
import { Claims } from '../components/claims.tsx'
import { Command } from '../components/command.tsx'
import { RunTable } from '../components/run-table.tsx'
import { Section } from '../components/section.tsx'
import { claimsOfKept } from '../components/shown-claims.ts'
import { When } from '../components/when.tsx'
import { useText } from '../language/use-language.tsx'
import { figureSource, startAddress } from '../router/route.ts'
import { useTitle } from '../title.ts'

/** A paper: what its method does, how it is used, what became of its claims. */
export function PaperView({ name }: { readonly name: string }) {
  const asked = useAsked<PaperPage>(`/api/papers/${encodeURIComponent(name)}`)
  useTitle(name)
  return (
    <>
      {asked.refusal && (
        <h1>
          <code>{name}</code>
        </h1>
      )}
      <Answer asked={asked}>{(paper) => <Paper paper={paper} />}</Answer>
    </>
  )
}

function Paper({ paper }: { readonly paper: PaperPage }) {
  const t = useText()
  const { kept, claims, controls, differences, state } = paper
  return (
    <article>
      <Head paper={paper} />
      <Section id="what" title={t(texts.whatItDoes)}>
        <p class="prose">{t(paper.text)}</p>
      </Section>
      {state === 'notBuilt' ? <p class="note">{t(texts.notBuiltYet)}</p> : <Use paper={paper} />}
      {kept ? <Kept paper={paper} /> : claims.length > 0 && <ToJudge paper={paper} />}
      {controls.length > 0 && (
        <Section id="controls" title={t(messages.controls)}>
          <p class="note">{t(messages.controlsWhy)}</p>
          <dl class="terms">
            {controls.map(({ id, broken, breaks }) => (
              <div key={id}>
                <dt>
                  <code>{id}</code>
                </dt>
                <dd>
                  {t(broken)} <small>{breaks.join(' · ')}</small>
                </dd>
              </div>
            ))}
          </dl>
        </Section>
      )}
      {differences.length > 0 && (
        <Section id="differences" title={t(messages.differences)}>
          <ul class="prose">
            {differences.map((difference) => (
              <li key={difference.en}>{t(difference)}</li>
            ))}
          </ul>
        </Section>
      )}
      {paper.runs > 0 && <ItsRuns name={paper.name} />}
    </article>
  )
}

function Head({ paper: { number, name, title, arxiv, area, summary, purpose, state, form, demo } }: { readonly paper: PaperPage }) {
  const t = useText()
  return (
    <header class="head">
      <p class="over">
        <span class="number">{String(number).padStart(2, '0')}</span> <code>{name}</code> · {t(area)} ·{' '}
        <a href={`https://arxiv.org/abs/${arxiv}`} target="_blank" rel="noreferrer">
          arXiv {arxiv}
        </a>
      </p>
      <h1>{title}</h1>
      <p class="lead">{t(summary)}</p>
      <p class="for">{t(purpose)}</p>
      <p class="actions">
        <StateBadge state={state} />
        {form && (
          <a class="button primary" href={startAddress(name)}>
            {t(texts.startRun)}
          </a>
        )}
        {demo && (
          <a class="button" href={`/demos/${demo}`}>
            {t(texts.openDemo)}
          </a>
        )}
      </p>
    </header>
  )
}

function Use({ paper: { name, form, verbs, snippet } }: { readonly paper: PaperPage }) {
  const t = useText()
  return (
    <Section id="use" title={t(texts.howToUse)}>
      <h3>{t(texts.onTheCommandLine)}</h3>
      {form && <Command text={`npx quire run ${name}`} />}
      {verbs.map(({ name: verb, summary, example }) => (
        <div key={verb} class="verb">
          <p>
            <code>{verb}</code> — {t(summary)}
          </p>
          <Command text={example} />
        </div>
      ))}
      {snippet && (
        <>
          <h3>{t(texts.inTypeScript)}</h3>
          <Command text={snippet} label="TypeScript" />
        </>
      )}
    </Section>
  )
}

function Kept({ paper }: { readonly paper: PaperPage }) {
  const t = useText()
  const kept = paper.kept!
  const { preset, seeds, started, outcome, data, figures, command } = kept
  return (
    <>
      <Section id="claims" title={t(messages.claims)} aside={<StateBadge state={outcome} />}>
        <p class="note">
          {t(texts.keptRun)}: {t(texts.preset)} <code>{preset}</code>, {t(sentences.seedsOf(seeds.length))}, {data.name}
          {!data.real && ` (${t(messages.generatedData)})`}, <When iso={started} />
        </p>
        {!data.real && <p class="problem">{t(messages.notReal)}</p>}
        <Claims claims={claimsOfKept(kept, paper)} />
        <Command text={command} />
      </Section>
      {figures.length > 0 && (
        <Section id="figures" title={t(messages.figures)}>
          <div class="pictures">
            {figures.map(({ file, alt, width, height }) => (
              <figure key={file}>
                <img src={figureSource(paper.name, file)} alt={t(alt)} width={width} height={height} loading="lazy" />
                <figcaption>{t(alt)}</figcaption>
              </figure>
            ))}
          </div>
        </Section>
      )}
    </>
  )
}

/** Claims that no kept run has judged. */
function ToJudge({ paper: { claims } }: { readonly paper: PaperPage }) {
  const t = useText()
  return (
    <Section id="claims" title={t(messages.claims)}>
      <p class="note">{t(texts.claimsToJudge)}</p>
      <ul class="prose">
        {claims.map(({ id, statement }) => (
          <li key={id}>
            {t(statement)} <code>{id}</code>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function ItsRuns({ name }: { readonly name: string }) {
  const t = useText()
  const { data = [] } = useAsked<readonly RunCard[]>('/api/runs', 5000)
  const own = data.filter(({ method }) => method === name)
  return (
    <Section id="runs" title={t(texts.itsRuns)}>
      <RunTable runs={own.slice(0, 20)} />
    </Section>
  )
}
