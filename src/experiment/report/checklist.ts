import type { Experiment } from '../definition.ts'
import { formatBytes, formatFlops, formatNumber, formatSeconds, shellCommand } from '../format.ts'
import { sha256 } from '../run/disk.ts'
import { quireLicence } from '../run/machine.ts'
import { isNamedBy, schemaKeys } from '../schema.ts'
import { joined, type Text } from '../text.ts'
import { answers, intervalTexts, type Question, questions, reasons, statisticTexts } from './checklist-messages.ts'
import { messages, reasonTexts, verdictTexts } from './messages.ts'
import type { ClaimRow, Report } from './report.ts'
import { likeCommand, repeatCommand, settingWords } from './rows.ts'

/** A question, and what the run itself says to it. */
export interface ChecklistRow {
  readonly id: Question
  readonly question: Text
  readonly answers: readonly Text[]
  /** What was not recorded, and why; never a guess. */
  readonly notRecorded: readonly Text[]
}

/** Everything that the answers are filled from. */
export interface Source {
  readonly definition: Pick<Experiment, 'config' | 'searched'>
  readonly report: Omit<Report, 'checklist'>
}

type Answer = Pick<ChecklistRow, 'answers' | 'notRecorded'>

const recorded = (...texts: readonly (Text | undefined)[]): Answer => ({
  answers: texts.filter((text) => text !== undefined),
  notRecorded: [],
})

const missing = (...texts: readonly Text[]): Answer => ({ answers: [], notRecorded: texts })

const both = (...parts: readonly Answer[]): Answer => ({
  answers: parts.flatMap((part) => part.answers),
  notRecorded: parts.flatMap((part) => part.notRecorded),
})

/** A value if it was recorded, else the reason why not. */
const ifRecorded = (value: string | undefined, answer: (value: string) => Text, reason: Text): Answer =>
  value ? recorded(answer(value)) : missing(reason)

function outcome({ report: { claims, controls, data } }: Source): Answer {
  if (!claims.length) return recorded(answers.nothingJudged)
  const count = (verdict: ClaimRow['verdict']) => claims.filter((claim) => claim.verdict === verdict).length
  return recorded(
    answers.outcome({ holds: count('holds'), fails: count('fails'), undecided: count('undecided') }),
    answers.controls(controls.filter(({ failsAsItShould }) => failsAsItShould).length, controls.length),
    data.real ? undefined : answers.generated,
  )
}

function failed({ report: { claims, controls, arms, resumed } }: Source): Answer {
  const lines = [
    ...claims
      .filter(({ verdict }) => verdict !== 'holds')
      .map(({ id, verdict, reason }) => answers.claimIs(id, verdictTexts[verdict], reason && reasonTexts[reason])),
    ...controls
      .filter(({ failsAsItShould }) => !failsAsItShould)
      .map(({ id, claim, verdict }) => answers.controlHolds(id, claim, verdictTexts[verdict])),
    ...arms.flatMap(({ label, labelZh, diverged = [] }) => diverged.map((what) => answers.diverged({ en: label, zh: labelZh }, what))),
  ]
  const nothing = claims.length ? answers.nothingFailed : answers.nothingFailedUnjudged
  return recorded(...(lines.length ? lines : [nothing]), resumed ? answers.resumed(resumed) : undefined)
}

function changed({ report: { claims, controls } }: Source): Answer {
  if (!claims.length) return recorded(answers.nothingJudged)
  const bars = claims.flatMap(({ id, provisional, threshold }) =>
    provisional ? [answers.provisional(id, formatNumber(provisional.original), formatNumber(threshold))] : [],
  )
  const added = [...claims, ...controls].flatMap((row) => (row.added ? [answers.added(row.id, row.added)] : []))
  const lines = [...bars, ...new Map(added.map((text) => [text.en, text])).values()]
  return recorded(...(lines.length ? lines : [answers.nothingChanged]))
}

const differences = ({ report }: Source): Answer => recorded(...(report.differences.length ? report.differences : [answers.noDifferences]))

function data({ report: { data: own } }: Source): Answer {
  const kind = own.real ? messages.realData : messages.generatedData
  return both(recorded(answers.data(own.name, kind, own.source)), ifRecorded(own.sha256, answers.sha256, reasons.noChecksum))
}

/**
 * Sizes and ids; the workbench refuses splits that share an id, so that a run with splits has none that leak. Of data that each seed splits otherwise the
 * first seed's stand for all: report.json has the others.
 */
function splits({ report: { splits: own, seeds } }: Source): Answer {
  const shown = own.filter(({ seed = seeds[0] }) => seed === seeds[0])
  return own.length ? recorded(...shown.map(answers.split), answers.noLeak) : missing(reasons.noSplits)
}

function searched({ definition }: Source): Answer {
  if (!definition.searched) return missing(reasons.noSearch)
  const named = definition.searched.flatMap(({ keys }) => keys)
  const rest = schemaKeys(definition.config).filter(({ key }) => !named.some((name) => isNamedBy(key, name))).length
  return {
    answers: [
      ...definition.searched.map(({ keys, range, chosen, trials }) => answers.searched(keys, range, chosen, trials)),
      ...(rest ? [answers.restOfSettings(rest)] : []),
    ],
    notRecorded: definition.searched
      .filter(({ trials, range }) => trials === undefined && range.length > 0)
      .map(({ keys }) => reasons.noTrials(keys)),
  }
}

const settings = ({ report }: Source): Answer => recorded(answers.preset(report.preset, settingWords(report.settings)))

function runs({ report: { arms, seeds } }: Source): Answer {
  const units = arms.reduce((sum, arm) => sum + arm.seeds.length, 0)
  const fewer = arms.filter((arm) => arm.seeds.length < seeds.length)
  const least = Math.min(...fewer.map((arm) => arm.seeds.length))
  return recorded(answers.runs(units, arms.length, seeds), fewer.length ? answers.fewerSeeds(fewer.length, least) : undefined)
}

/** What a claim's number and interval are, in words. */
const meaningOf = ({ judge, statistic, interval }: ClaimRow): Text =>
  joined([statisticTexts[statistic], intervalTexts[interval], ...(judge === 'everySeed' ? [answers.everySeed] : [])], {
    en: ', ',
    zh: '，',
  })

/** Claims whose interval means the same share a line. */
function errorBars({ report: { claims } }: Source): Answer {
  const groups = new Map<string, ClaimRow[]>()
  for (const claim of claims) groups.set(meaningOf(claim).en, [...(groups.get(meaningOf(claim).en) ?? []), claim])
  const lines = [...groups.values()].map((own) =>
    answers.errorBar(
      own.map(({ id }) => id),
      meaningOf(own[0]),
      own.map(({ measured }) => measured.n),
    ),
  )
  return recorded(...lines, answers.interval)
}

function compute({ report: { machine, device, cost, resumed } }: Source): Answer {
  const wall = cost.wallSeconds === null ? undefined : formatSeconds(cost.wallSeconds)
  return both(
    recorded(
      answers.machine(machine.cpu, machine.threads, formatBytes(machine.memoryBytes), machine.platform, device),
      answers.time(formatSeconds(cost.seconds), wall, cost.atATime),
      resumed ? answers.pauses : undefined,
      answers.memory(formatBytes(cost.peakBytes)),
      answers.flops(formatFlops(cost.flops)),
    ),
    wall ? recorded() : missing(reasons.noFinish),
  )
}

function code({ report: { code: own, versions } }: Source): Answer {
  const packages = Object.entries(own?.packages ?? {}).map(([name, version]) => `${name} ${version}`)
  const version = recorded(answers.version(versions.quire, own?.commit), answers.packages(packages, versions.node, versions.onnxruntime))
  if (!own) return both(version, missing(reasons.noCode))
  return both(
    version,
    recorded(answers.modules(own.sha256), answers.dependencies(own.dependencies)),
    own.commit ? recorded() : missing(reasons.noCommit),
  )
}

const licences = ({ report: { data: own } }: Source): Answer =>
  both(
    recorded(answers.codeLicence(quireLicence())),
    ifRecorded(own.licence, (licence) => answers.dataLicence(own.name, licence), reasons.noLicence),
  )

/** All files of per-item outputs together, by the sums that their units list. */
function items({ report: { items: kept } }: Source): Answer {
  if (!kept.length) return missing(reasons.noItems)
  const rows = kept.reduce((sum, file) => sum + file.rows, 0)
  const sums = kept.map(({ path, sha256: sum }) => `${path} ${sum}\n`).sort()
  return recorded(answers.items(kept.length, rows, sha256(sums.join(''))))
}

const repeat = ({ report }: Source): Answer =>
  recorded(
    report.command.length ? answers.called(shellCommand(report.command)) : undefined,
    answers.command(shellCommand(likeCommand(report))),
    answers.command(shellCommand(repeatCommand(report))),
    answers.sameBits,
    report.like ? answers.repeatOf(report.like) : undefined,
    answers.ran(report.started, report.finished),
  )

const filled: Readonly<Record<Question, (source: Source) => Answer>> = {
  outcome,
  failed,
  changed,
  differences,
  data,
  splits,
  searched,
  settings,
  runs,
  errorBars,
  compute,
  allCompute: () => missing(reasons.allCompute),
  code,
  licences,
  items,
  repeat,
  people: () => missing(reasons.people),
}

/** The reproducibility checklist of a run: the questions of conferences' checklists, each answered from the run's own files. */
export const checklistOf = (source: Source): ChecklistRow[] =>
  (Object.keys(questions) as Question[]).map((id) => ({ id, question: questions[id], ...filled[id](source) }))
