import type { PlainObject } from '../../experiment/config.ts'
import type { Experiment } from '../../experiment/definition.ts'
import { armsOf } from '../../experiment/experiment.ts'
import { inEach, inLanguage, sameText, type Text } from '../../experiment/text.ts'
import type { Verdict } from '../../experiment/verdict/verdict.ts'
import type { Method } from '../../methods/method.ts'
import type { PaperCard, PaperPage, RunCard } from '../api.ts'
import type { Paper } from '../papers.ts'
import { formOf } from './form.ts'
import { keptPaper, keptRun } from './kept.ts'
import { notFound } from './problems.ts'

/** Of what the catalogue is made. */
export interface Sources {
  readonly papers: readonly Paper[]
  readonly methods: readonly Method[]
  /** The folder of what is kept with the papers. */
  readonly kept: string
  /** All runs, the newest first. */
  runs(): readonly RunCard[]
}

/** A method that the catalogue does not tell of, by its own card. */
const paperOf = ({ number, name, title, arxiv, area, summary }: Method): Paper => ({
  ...{ number, name, title, arxiv, summary },
  area: sameText(area),
  purpose: summary,
  text: summary,
})

/** Every paper and every method, by number. */
function allPapers({ papers, methods }: Sources): Paper[] {
  const others = methods.filter(({ name }) => !papers.some((paper) => paper.name === name))
  return [...papers, ...others.map(paperOf)].sort((a, b) => a.number - b.number)
}

const isJudged = ({ outcome }: RunCard): boolean => outcome !== undefined && outcome !== 'notJudged'

const countOf = (verdicts: readonly Verdict[]): PaperCard['verdicts'] => {
  const count = (name: Verdict) => verdicts.filter((verdict) => verdict === name).length
  return { holds: count('holds'), fails: count('fails'), undecided: count('undecided') }
}

/** What became of a paper: in the run kept with it, else in the newest one that was judged. */
function stateOf({ name }: Paper, { methods, kept }: Sources, runs: readonly RunCard[]): Pick<PaperCard, 'state' | 'verdicts'> {
  const run = keptRun(kept, name)
  if (run) return { state: run.outcome, verdicts: countOf(run.claims.map(({ verdict }) => verdict)) }
  const newest = runs.find(isJudged)
  if (newest) return { state: newest.outcome!, verdicts: countOf(Object.values(newest.verdicts ?? {})) }
  return { state: methods.some((method) => method.name === name) ? 'notRun' : 'notBuilt', verdicts: countOf([]) }
}

function cardOf(paper: Paper, sources: Sources, runs: readonly RunCard[]): PaperCard {
  const { number, name, title, arxiv, area, summary, purpose, demo } = paper
  const own = runs.filter(({ method }) => method === name)
  return { number, name, title, arxiv, area, summary, purpose, demo, ...stateOf(paper, sources, own), runs: own.length }
}

/** The catalogue. */
export function paperCards(sources: Sources): PaperCard[] {
  const runs = sources.runs()
  return allPapers(sources).map((paper) => cardOf(paper, sources, runs))
}

/** One paper with all that is known of it. @throws Refusal */
export async function paperPage(name: string, sources: Sources): Promise<PaperPage> {
  const paper = allPapers(sources).find((candidate) => candidate.name === name)
  if (!paper) throw notFound('there is no such paper', { where: name })
  const method = sources.methods.find((candidate) => candidate.name === name)
  const card = { ...cardOf(paper, sources, sources.runs()), text: paper.text }
  if (!method) return { ...card, verbs: [], claims: [], controls: [], differences: [] }
  const [experiment, settings, verbs] = await Promise.all([method.experiment(), method.settings(), method.verbs()])
  return {
    ...card,
    verbs: verbs.map(({ name, summary, example }) => ({ name, summary, example })),
    snippet: keptPaper(sources.kept, name).snippet,
    form: formOf(experiment, settings),
    ...claimsOf(experiment),
    differences: experiment.differences ?? [],
    kept: keptRun(sources.kept, name),
  }
}

function claimsOf(experiment: Experiment): Pick<PaperPage, 'claims' | 'controls'> {
  const { claims, controls, config } = experiment
  const arms = armsOf(experiment, config.parse({}) as PlainObject)
  // Some arms are there only with other settings.
  const nameOf = (arm: string | undefined): Text | undefined => {
    const label = arms.find(({ id }) => id === arm)?.label
    return label === undefined ? undefined : inEach((language) => inLanguage(label, language))
  }
  return {
    claims: claims.map(({ id, statement, baseline, paper, threshold, direction }) => ({
      ...{ id, statement, paper, threshold, direction },
      baseline: nameOf(baseline?.arm),
    })),
    controls: controls.map(({ id, breaks, broken }) => ({ id, breaks, broken })),
  }
}
