import { shellCommand } from '../experiment/format.ts'
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
  readonly atATime: number
  readonly claims: readonly MeasuredClaim[]
  readonly controls: readonly Omit<ControlRow, 'broken' | 'brokenZh'>[]
  readonly arms: readonly MeasuredArm[]
}

interface MeasuredClaim extends Omit<ClaimRow, 'statementZh' | 'baseline' | 'control'> {
  readonly baseline: Omit<NonNullable<ClaimRow['baseline']>, 'nameZh'> | null
}

interface MeasuredArm extends Pick<ArmRow, 'id' | 'label' | 'seeds'> {
  /** Mean over the seeds. */
  readonly measurements: Readonly<Record<string, number | null>>
}

/** Sections by name, as the README's markers have it: `measured`, `measured extended=true`. */
export type MeasuredFile = Readonly<Record<string, Measured>>

/** The section that a report fills. */
export const sectionOf = ({ settings }: Pick<Report, 'settings'>): string => ['measured', ...settingWords(settings ?? {})].join(' ')

/** The short form of a report. Numbers are kept as they are: verdicts can be judged again from them. */
export function shortened(report: Report): Measured {
  const { method, preset, seeds, settings, data, id, started, outcome, exitStatus, machine, versions } = report
  return {
    ...{ method, preset, seeds, settings, data, id, started, outcome, exitStatus, machine, versions },
    atATime: report.cost.atATime,
    claims: report.claims.map(({ statementZh: _, control: __, baseline, ...claim }) => {
      if (!baseline) return { ...claim, baseline }
      const { nameZh: ___, ...own } = baseline
      return { ...claim, baseline: own }
    }),
    controls: report.controls.map(({ broken: _, brokenZh: __, ...control }) => control),
    arms: report.arms.map(({ id, label, seeds, measurements }) => ({
      ...{ id, label, seeds },
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

/** The measurements that all arms have. Times are left out: they are of the machine and of what else it did. */
const commonMeasurements = (arms: readonly MeasuredArm[]): string[] =>
  Object.keys(arms[0]?.measurements ?? {}).filter(
    (name) => !/seconds$/i.test(name) && arms.every(({ measurements }) => name in measurements),
  )

/** Arms with some of their measurements. */
function armTable(arms: readonly MeasuredArm[], names: readonly string[]): string[] {
  const cells = (arm: MeasuredArm) => [arm.label, ...names.map((name) => number(arm.measurements[name]))]
  return [row(['arm', ...names]), `|---|${names.map(() => '---|').join('')}`, ...arms.map((arm) => row(cells(arm)))]
}

/** A run with settings of its own shows what an ordinary run does not have. */
function ownTo({ settings, ...run }: Measured, definition: Experiment) {
  const plain = new Set(definition.arms(definition.config.parse({})).map(({ id }) => id))
  const isPlain = Object.keys(settings ?? {}).length === 0
  const claims = run.claims.filter(({ arm }) => isPlain || !plain.has(arm))
  return {
    claims,
    controls: run.controls.filter(({ claim }) => claims.some(({ id }) => id === claim)),
    arms: isPlain ? [] : run.arms.filter(({ id }) => !plain.has(id)),
  }
}

/** Nobody reads wider tables; of their arms `<!-- arms … -->` shows some measurements. */
const mostColumns = 20

/** The text between the markers of a section. */
export function sectionText(run: Measured, definition: Experiment): string {
  const { claims, controls, arms } = ownTo(run, definition)
  const names = commonMeasurements(arms)
  const command = shellCommand([
    ...['npx', 'quire', 'run', run.method],
    ...(run.preset === 'small' ? [] : ['--preset', run.preset]),
    ...settingWords(run.settings ?? {}).flatMap((word) => ['--set', word]),
  ])
  const table = (names: readonly string[], rows: readonly string[]) =>
    rows.length ? ['', row(names), `|${'---|'.repeat(names.length)}`, ...rows] : []
  return [
    `Preset ${run.preset}, seeds ${run.seeds.join(', ')}, data ${run.data.name}${run.data.real ? '' : ' (generated)'}; ${run.atATime} models at a time.`,
    `Made by \`${command}\`.`,
    ...table(['claim', 'paper', 'ours, mean [95 %]', 'baseline', 'bar', 'verdict'], claims.map(claimRow)),
    ...table(['control', 'claim', 'fails as it should'], controls.map(controlRow)),
    ...(names.length > 0 && names.length <= mostColumns ? ['', ...armTable(arms, names)] : []),
  ].join('\n')
}

/** The names of the sections that a README has room for. */
export const sectionsIn = (readme: string): string[] => [...readme.matchAll(/^<!-- (measured[^>]*?) -->$/gm)].map(([, name]) => name)

/**
 * A README with its generated parts made from stored runs: between `<!-- measured … -->` and `<!-- /measured … -->` claims and controls, between
 * `<!-- arms PREFIX -->` and its end the arms whose ids begin so, of the first run that has any; `<!-- arms PREFIX NAME … -->` shows these measurements of
 * theirs, else all that they have in common. Sections without a stored run stay as they are.
 */
export function filledReadme(readme: string, runs: MeasuredFile, definition: Experiment): string {
  const between = (text: string, name: string, content: string) =>
    text.replace(
      new RegExp(`(<!-- ${escaped(name)} -->\n)[\\s\\S]*?(\n<!-- /${escaped(name)} -->)`),
      (_, open, close) => open + content + close,
    )
  const kept = Object.keys(runs).reduce((text, name) => text.replace(`${notStored(name)}\n`, ''), readme)
  const filled = Object.entries(runs).reduce((text, [name, run]) => between(text, name, sectionText(run, definition)), kept)
  const armsFrom = (prefix: string): readonly MeasuredArm[] =>
    Object.values(runs)
      .map(({ arms }) => arms.filter(({ id, measurements }) => id.startsWith(prefix) && Object.keys(measurements).length > 0))
      .find((arms) => arms.length > 0) ?? []
  return [...filled.matchAll(/^<!-- (arms (\S+)(.*)) -->$/gm)].reduce((text, [, marker, prefix, names]) => {
    const arms = armsFrom(prefix)
    const chosen = names.split(' ').filter(Boolean)
    return between(text, marker, armTable(arms, chosen.length > 0 ? chosen : commonMeasurements(arms)).join('\n'))
  }, filled)
}

/** What a README says above a section whose run nobody has kept. */
export const notStored = (section: string): string => `<!-- not stored: ${section} -->`

/** Verdicts of claims and controls as a README's table shows them, for where its run is not kept. */
export function rowsIn(readme: string, section: string, definition: Experiment): Pick<Judged, 'claims' | 'controls'> {
  const text = new RegExp(`<!-- ${escaped(section)} -->\n([\\s\\S]*?)\n<!-- /${escaped(section)} -->`).exec(readme)?.[1] ?? ''
  const rows = text.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
  const idOf = (statement: string) => definition.claims.find((claim) => statement.startsWith(claim.statement.en))?.id
  return {
    claims: rows.flatMap(([, statement = '', , , , , verdict]) => {
      const id = idOf(statement)
      return id && verdict ? [{ id, verdict }] : []
    }),
    controls: rows.flatMap(([, id = '', claim, fails, ...more]) =>
      more.length === 1 && /^(yes|\*\*no)/.test(fails) ? [{ id: id.split(' ')[0], claim, failsAsItShould: fails === 'yes' }] : [],
    ),
  }
}

/** What counts of a run when its deviations are looked for. */
export interface Judged {
  readonly claims: readonly { readonly id: string; readonly verdict: string }[]
  readonly controls: readonly { readonly id: string; readonly claim: string; readonly failsAsItShould: boolean }[]
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
