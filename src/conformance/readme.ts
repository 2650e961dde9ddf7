import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JudgedMeasure } from '../experiment/report/report.ts'
import type { Score } from '../experiment/verdict/scores.ts'
import { judge } from '../experiment/verdict/verdict.ts'
import type { Method } from '../methods/method.ts'
import type { Check } from './check.ts'
import { filledReadme, type Judged, type Measured, type MeasuredFile, notStored, rowsIn, sectionsIn } from './measured.ts'
import type { Setting } from './setting.ts'

const folderOf = ({ name }: Method, { repository }: Setting): string => join(repository, 'src', 'methods', name)

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** A method's README, if it has one. */
export const readmeOf = (method: Method, setting: Setting): string | undefined => textOf(join(folderOf(method, setting), 'README.md'))

/** The stored runs that its numbers come from, if there are any. */
export function measuredOf(method: Method, setting: Setting): MeasuredFile | undefined {
  const text = textOf(join(folderOf(method, setting), 'measured.json'))
  return text === undefined ? undefined : (JSON.parse(text) as MeasuredFile)
}

/** What a README must have, in the order of its reader's questions. */
const parts: readonly (readonly [what: string, sign: RegExp])[] = [
  ['what it is for', /^\*\*What it is for\.\*\*/m],
  ['how to use it on own data', /^## On your data$/m],
  ['the claim with its measured numbers', /^## The claims?, measured$/m],
  ['where it differs from the paper', /^## Where it differs from the paper$/m],
]

/** A README whose numbers anybody can make again. */
export const readme: Check = {
  name: 'readme',
  rule: 'The README says what it is for, how to use it, the claim with its numbers and where it differs; its tables are those of the stored runs',
  pace: 'quick',
  async run(method, setting) {
    const text = readmeOf(method, setting)
    if (text === undefined) return ['it has no README.md']
    const runs = measuredOf(method, setting) ?? {}
    const definition = await method.experiment()
    const lacking = parts.filter(([, sign]) => !sign.test(text)).map(([what]) => `the README does not say ${what}`)
    const unfilled = sectionsIn(text)
      .filter((name) => !runs[name] && !text.includes(notStored(name)))
      .map((name) => `section '${name}' has no stored run: node scripts/update-readme.mjs RUN`)
    const stale =
      filledReadme(text, runs, definition) === text
        ? []
        : ['the README’s tables are not those of measured.json: node scripts/update-readme.mjs']
    const changed = definition.claims.flatMap(({ id, threshold, statement }) => {
      const row = Object.values(runs)
        .flatMap(({ claims }) => claims.filter((claim) => claim.id === id))
        .at(-1)
      return row && (row.threshold !== threshold || row.statement !== statement.en) ? [`claim ${id} has changed since its stored run`] : []
    })
    return [...lacking, ...unfilled, ...stale, ...changed]
  },
}

/** The stored run's claims and controls are judged as its numbers say, and the README owns up to each one that is not as it should be. */
export const controlsFail: Check = {
  name: 'controls fail',
  rule: 'In the stored run each claim has a control that fails, verdicts follow from the numbers, and the README explains every deviation by name',
  pace: 'quick',
  async run(method, setting) {
    const [runs, text, definition] = [measuredOf(method, setting) ?? {}, readmeOf(method, setting) ?? '', await method.experiment()]
    const said = sectionsIn(text).map((name) => runs[name] ?? rowsIn(text, name, definition))
    return [...Object.values(runs).flatMap(forged), ...unexplained(said, text)]
  },
}

/** What was measured of each seed, as it was judged; JSON has null for what is not finite. */
function scoresOf({ values, strata }: Pick<JudgedMeasure, 'values' | 'strata'>): Score[] {
  const number = (value: number | null) => value ?? Number.NaN
  if (!strata) return values.map(number)
  return values.map((_, seed) => Object.fromEntries(Object.entries(strata).map(([name, column]) => [name, number(column[seed])])))
}

/** Verdicts that do not follow from the stored numbers. */
function forged({ claims, controls }: Measured): string[] {
  const verdictOf = (measured: JudgedMeasure, { threshold, direction, statistic, judge: how, baseline }: Measured['claims'][number]) =>
    judge(
      scoresOf(measured),
      { threshold, direction, statistic, ...(how === 'single' ? { single: true } : { judge: how }) },
      baseline ? scoresOf(baseline) : [],
    ).verdict
  const wrong = (name: string, verdict: string, found: string) =>
    verdict === found ? [] : [`${name} is said to be '${verdict}', its numbers say '${found}'`]
  return [
    ...claims.flatMap((claim) => wrong(`claim ${claim.id}`, claim.verdict, verdictOf(claim.measured, claim))),
    ...controls.flatMap((control) => {
      const claim = claims.find(({ id }) => id === control.claim)
      if (!claim) return [`control ${control.id} is of claim ${control.claim}, which the run does not have`]
      const found = verdictOf(control.measured, claim)
      const fails =
        control.failsAsItShould === (found === 'fails')
          ? []
          : [`control ${control.id} is said to fail as it should: ${control.failsAsItShould}`]
      return [...wrong(`control ${control.id} of ${claim.id}`, control.verdict, found), ...fails]
    }),
  ]
}

/** Whether a claim holds, and shows by a control that it could fail. */
const isSound = ({ id, verdict }: Judged['claims'][number], controls: Judged['controls']): boolean =>
  verdict === 'holds' && controls.some((control) => control.claim === id && control.failsAsItShould)

/**
 * Under `### Not as claimed` the README lists by `id` each claim that does not hold or has no control that fails, and each control that does not fail, by `control → claim`; no
 * others.
 */
function unexplained(runs: readonly Judged[], text: string): string[] {
  const section = /^### Not as claimed$([\s\S]*?)(?=^#{2,3} |(?![\s\S]))/m.exec(text)?.[1] ?? ''
  const said = new Set([...section.matchAll(/`([a-z0-9-]+(?: → [a-z0-9-]+)?)`/g)].map(([, name]) => name))
  const names = new Set(
    runs.flatMap(({ claims, controls }) => [...claims.map(({ id }) => id), ...controls.map(({ id, claim }) => `${id} → ${claim}`)]),
  )
  const found = new Set(
    runs.flatMap(({ claims, controls }) => [
      ...claims.filter((claim) => !isSound(claim, controls)).map(({ id }) => id),
      ...controls.filter(({ failsAsItShould }) => !failsAsItShould).map(({ id, claim }) => `${id} → ${claim}`),
    ]),
  )
  return [
    ...[...found]
      .filter((name) => !said.has(name))
      .map((name) => `the README does not say under 'Not as claimed' that \`${name}\` is not as it should be`),
    ...[...said]
      .filter((name) => names.has(name) && !found.has(name))
      .map((name) => `the README says that \`${name}\` is not as it should be; in the stored run it is`),
  ]
}
