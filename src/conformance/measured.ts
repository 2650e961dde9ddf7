import type { Experiment } from '../experiment/index.ts'
import type { ArmRow, ClaimRow, ControlRow, Report } from '../experiment/report/report.ts'
import { settingWords } from '../experiment/report/rows.ts'

/*
 * What a README says of a run, and the short form of its report that is kept beside it, from which the README's tables can be made again by anybody.
 */

type Summary = Pick<
  Report,
  'method' | 'preset' | 'seeds' | 'settings' | 'data' | 'id' | 'started' | 'outcome' | 'exitStatus' | 'machine' | 'versions'
>

/** A report without its curves, pictures and Chinese texts. */
export interface Measured extends Summary {
  /** On the clock; none where the run was interrupted. */
  readonly clockSeconds: number | null
  readonly atATime: number
  readonly claims: readonly Omit<ClaimRow, 'statementZh'>[]
  readonly controls: readonly Omit<ControlRow, 'broken' | 'brokenZh'>[]
  readonly arms: readonly MeasuredArm[]
}

interface MeasuredArm extends Pick<ArmRow, 'id' | 'label' | 'seeds' | 'seconds'> {
  /** Mean over the seeds. */
  readonly measurements: Readonly<Record<string, number | null>>
}

/** Sections by name, as the README's markers have it: `measured`, `measured extended=true`. */
export type MeasuredFile = Readonly<Record<string, Measured>>

/** The section that a report fills. */
export const sectionOf = ({ settings }: Pick<Report, 'settings'>): string => ['measured', ...settingWords(settings ?? {})].join(' ')

/** The short form of a report. Numbers are kept as they are: verdicts can be judged again from them. */
export function shortened(report: Report): Measured {
  const { method, preset, seeds, settings, data, id, started, finished, outcome, exitStatus, machine, versions } = report
  const clock = report.resumed === 0 && finished ? (Date.parse(finished) - Date.parse(started)) / 1000 : null
  return {
    ...{ method, preset, seeds, settings, data, id, started, outcome, exitStatus, machine, versions },
    clockSeconds: clock === null ? null : Math.round(clock),
    atATime: report.cost.atATime,
    claims: report.claims.map(({ statementZh: _, ...claim }) => claim),
    controls: report.controls.map(({ broken: _, brokenZh: __, ...control }) => control),
    arms: report.arms.map(({ id, label, seeds, seconds, measurements }) => ({
      ...{ id, label, seeds, seconds },
      measurements: Object.fromEntries(Object.entries(measurements).map(([name, { mean }]) => [name, mean])),
    })),
  }
}

const number = (value: number | null | undefined): string => (typeof value === 'number' ? String(Number(value.toPrecision(4))) : '')
const interval = (ci: readonly [number, number] | null): string => (ci ? ` [${ci.map(number).join(', ')}]` : '')
const bar = ({ direction, threshold, provisional }: Measured['claims'][number]): string =>
  `${direction === 'atLeast' ? '≥' : '≤'} ${number(threshold)}${provisional ? ` (provisional; before the first run ${number(provisional.original)})` : ''}`
const added = ({ added }: Pick<ClaimRow, 'added'>): string => (added ? ` _(added after the first run: ${added.en})_` : '')

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const claimRow = (claim: Measured['claims'][number]): string => {
  const { statement, paper, measured, baseline, verdict } = claim
  return row([
    statement + added(claim),
    number(paper.value),
    number(measured.mean) + interval(measured.ci95),
    number(baseline?.mean),
    bar(claim),
    verdict,
  ])
}

const controlRow = (control: Measured['controls'][number]): string =>
  row([control.id + added(control), control.claim, control.failsAsItShould ? 'yes' : `**no** (${control.verdict})`])

/** Arms with the measurements that all of them have. */
function armTable(arms: readonly MeasuredArm[], { seconds = false } = {}): string[] {
  const names = Object.keys(arms[0]?.measurements ?? {}).filter((name) => arms.every(({ measurements }) => name in measurements))
  const cells = (arm: MeasuredArm) => [
    arm.label,
    ...names.map((name) => number(arm.measurements[name])),
    ...(seconds ? [number(arm.seconds / arm.seeds.length)] : []),
  ]
  const head = ['arm', ...names, ...(seconds ? ['seconds'] : [])]
  return [row(head), `|${head.map(() => '---|').join('')}`, ...arms.map((arm) => row(cells(arm)))]
}

/** A run with settings of its own shows what an ordinary run does not have. */
function ownTo({ settings, ...run }: Measured, definition: Experiment) {
  const plain = new Set(definition.arms(definition.config.parse({})).map(({ id }) => id))
  const own = (id: string) => Object.keys(settings ?? {}).length === 0 || !plain.has(id)
  return {
    claims: run.claims.filter(({ arm }) => own(arm)),
    controls: run.controls.filter(({ arm }) => own(arm)),
    arms: Object.keys(settings ?? {}).length > 0 ? run.arms.filter(({ id }) => own(id)) : [],
  }
}

/** The text between the markers of a section. */
export function sectionText(run: Measured, definition: Experiment): string {
  const { claims, controls, arms } = ownTo(run, definition)
  const command = [
    'npx quire run',
    run.method,
    ...(run.preset === 'small' ? [] : ['--preset', run.preset]),
    ...settingWords(run.settings ?? {}).map((word) => `--set ${word}`),
  ]
  const clock = run.clockSeconds === null ? '' : `${run.clockSeconds} s on the clock, `
  return [
    `Preset ${run.preset}, seeds ${run.seeds.join(', ')}, data ${run.data.name}${run.data.real ? '' : ' (generated)'}; ${clock}${run.atATime} models at a time.`,
    `Made by \`${command.join(' ')}\`.`,
    '',
    row(['claim', 'paper', 'ours, mean [95 %]', 'baseline', 'bar', 'verdict']),
    '|---|---|---|---|---|---|',
    ...claims.map(claimRow),
    '',
    row(['control', 'claim', 'fails as it should']),
    '|---|---|---|',
    ...controls.map(controlRow),
    ...(arms.length ? ['', ...armTable(arms)] : []),
  ].join('\n')
}

/** The names of the sections that a README has room for. */
export const sectionsIn = (readme: string): string[] => [...readme.matchAll(/^<!-- (measured[^>]*?) -->$/gm)].map(([, name]) => name)

/**
 * A README with its generated parts made from stored runs: between `<!-- measured … -->` and `<!-- /measured … -->` claims and controls, between
 * `<!-- arms PREFIX -->` and its end the arms of the ordinary run whose ids begin so. Sections without a stored run stay as they are.
 */
export function filledReadme(readme: string, runs: MeasuredFile, definition: Experiment): string {
  const between = (text: string, name: string, content: string) =>
    text.replace(
      new RegExp(`(<!-- ${escaped(name)} -->\n)[\\s\\S]*?(\n<!-- /${escaped(name)} -->)`),
      (_, open, close) => open + content + close,
    )
  const filled = Object.entries(runs).reduce((text, [name, run]) => between(text, name, sectionText(run, definition)), readme)
  const arms = runs.measured?.arms ?? []
  return [...filled.matchAll(/^<!-- arms (\S+) -->$/gm)].reduce(
    (text, [, prefix]) =>
      between(
        text,
        `arms ${prefix}`,
        armTable(
          arms.filter(({ id }) => id.startsWith(prefix)),
          { seconds: true },
        ).join('\n'),
      ),
    filled,
  )
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
