import type { PaperCard, PaperState } from '../../api.ts'
import { sentences, stateTexts, texts } from '../../texts.ts'
import { useAsked } from '../asked.ts'
import { Answer } from '../components/answer.tsx'
import { StateBadge } from '../components/badge.tsx'
import { Choice, SearchField } from '../components/filters.tsx'
import { useText } from '../language/use-language.tsx'
import { useAddressWord } from '../router/location.ts'
import { paperAddress } from '../router/route.ts'
import { useTitle } from '../title.ts'
import { filtered } from './catalogue-filter.ts'

/** All papers, as a digest. */
export function Catalogue() {
  const t = useText()
  useTitle(t(texts.catalogue))
  return (
    <>
      <h1>{t(texts.catalogue)}</h1>
      <p class="lead">{t(texts.catalogueLead)}</p>
      <Answer asked={useAsked<readonly PaperCard[]>('/api/papers', 5000)}>{(papers) => <Digest papers={papers} />}</Answer>
    </>
  )
}

function Digest({ papers }: { readonly papers: readonly PaperCard[] }) {
  const t = useText()
  const [query, setQuery] = useAddressWord('q')
  const [area, setArea] = useAddressWord('area')
  const [state, setState] = useAddressWord('state')
  const shown = filtered(papers, { query, area, state: state as PaperState | '' })
  const areas = [...new Map(papers.map(({ area }) => [area.en, area])).values()]
  const states = (Object.keys(stateTexts) as PaperState[]).filter((name) => papers.some((paper) => paper.state === name))
  return (
    <>
      <search class="tools">
        <SearchField value={query} onChange={setQuery} />
        <Choice label={texts.area} options={areas.map((one) => [one.en, one])} value={area} onChange={setArea} />
        <Choice label={texts.state} options={states.map((name) => [name, stateTexts[name]])} value={state} onChange={setState} />
        <output class="count">{t(sentences.papersShown(shown.length, papers.length))}</output>
      </search>
      {shown.length ? (
        <ol class="digest">
          {shown.map((paper) => (
            <Paper key={paper.name} paper={paper} />
          ))}
        </ol>
      ) : (
        <p>{t(texts.noneFound)}</p>
      )}
    </>
  )
}

function Paper({
  paper: { number, name, title, arxiv, area, summary, purpose, state, verdicts, runs, demo },
}: {
  readonly paper: PaperCard
}) {
  const t = useText()
  const judged = verdicts.holds + verdicts.fails + verdicts.undecided
  return (
    <li class={state === 'notBuilt' ? 'unbuilt' : undefined}>
      <span class="number">{String(number).padStart(2, '0')}</span>
      <div class="what">
        <h2>
          <a href={paperAddress(name)}>{title}</a>
        </h2>
        <p>{t(summary)}</p>
        <p class="for">{t(purpose)}</p>
      </div>
      <div class="where">
        <span>{t(area)}</span>
        <a href={`https://arxiv.org/abs/${arxiv}`} target="_blank" rel="noreferrer">
          arXiv {arxiv}
        </a>
        {demo && <a href={`/demos/${demo}`}>{t(texts.openDemo)}</a>}
      </div>
      <div class="how">
        <StateBadge state={state} />
        {judged > 0 && <span>{t(sentences.claimsHold(verdicts.holds, judged))}</span>}
        {runs > 0 && <a href={`/runs?q=${encodeURIComponent(name)}`}>{t(sentences.runsOf(runs))}</a>}
      </div>
    </li>
  )
}
