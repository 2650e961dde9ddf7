import { InputError } from '../engine/errors.ts'
import { formatSeconds } from '../experiment/format.ts'
import { withQueue } from '../experiment/launch/queue.ts'
import { unknownName } from '../experiment/nearest.ts'
import { damageOf, readManifest } from '../experiment/run/manifest.ts'
import { cellOf, schemaOf } from '../experiment/run/run-columns.ts'
import { type ListedRun, listRunsInFull, type RunSummary } from '../experiment/run/run-list.ts'
import type { Shell } from './cli.ts'
import { aligned } from './style.ts'
import type { Terminal } from './terminal.ts'

export interface RunsOptions {
  readonly method?: string
  readonly status?: string
  readonly verdict?: string
  readonly where?: string
  readonly sort?: string
  readonly limit?: string
  readonly sql?: string
  readonly verify?: boolean
  readonly json?: boolean
}

const statuses = ['complete', 'running', 'interrupted', 'damaged']
const outcomes = ['holds', 'fails', 'undecided', 'notJudged', 'controlHolds']

/** `quire runs` */
export async function runs(shell: Shell, dir: string | undefined, options: RunsOptions): Promise<number> {
  const { terminal } = shell
  const root = dir ?? 'runs'
  refuseUnknown(shell, options)
  const all = listRunsInFull(root).map((run) => ({ ...run, summary: withQueue(run.summary) }))
  if (options.sql !== undefined) return answer(terminal, all, options)
  const found = limited(sorted(await chosen(all, options), options), options)
  if (options.verify) return verify(terminal, found, options)
  const summaries = found.map(({ summary }) => summary)
  if (options.json) terminal.out(JSON.stringify(summaries, null, 2))
  else if (all.length === 0) terminal.out(`no runs under ${root}; quire run <method> makes one`)
  else print(terminal, [...table(summaries), '', counted(summaries, all.length)])
  return 0
}

function refuseUnknown({ methods }: Shell, { method, status, verdict }: RunsOptions): void {
  const known = methods.map(({ name }) => name)
  if (method !== undefined && !known.includes(method)) throw unknownName('method', method, known, '--method')
  if (status !== undefined && !statuses.includes(status)) throw unknownName('status', status, statuses, '--status')
  if (verdict !== undefined && !outcomes.includes(verdict)) throw unknownName('verdict', verdict, outcomes, '--verdict')
}

async function chosen(all: readonly ListedRun[], { method, status, verdict, where }: RunsOptions): Promise<readonly ListedRun[]> {
  const found = all.filter(
    ({ summary }) =>
      (method === undefined || summary.method === method) &&
      (status === undefined || summary.status === status) &&
      (verdict === undefined || summary.outcome === verdict),
  )
  if (where === undefined) return found
  const { runsWhere } = await import('../experiment/run/run-query.ts')
  return runsWhere(found, where)
}

/** Runs that have no value in the column come last. */
function sorted(found: readonly ListedRun[], { sort }: RunsOptions): readonly ListedRun[] {
  if (sort === undefined) return found
  const columns = schemaOf(found)
  const typed = sort.replace(/^-/, '')
  const column = columns.find(({ name }) => name === typed)
  if (!column && found.length) {
    const names = columns.map(({ name }) => name)
    throw unknownName('column', typed, names, '--sort')
  }
  const sign = sort.startsWith('-') ? -1 : 1
  const keyed = found.map((run) => ({ run, value: cellOf(run, column!) as string | number | null | undefined }))
  return keyed
    .sort(({ value: a }, { value: b }) =>
      a == null || b == null ? Number(a == null) - Number(b == null) : a < b ? -sign : a > b ? sign : 0,
    )
    .map(({ run }) => run)
}

function limited(found: readonly ListedRun[], { limit }: RunsOptions): readonly ListedRun[] {
  if (limit === undefined) return found
  if (!/^\d+$/.test(limit)) throw new InputError(`'${limit}' is not a whole number`, { where: '--limit', fix: 'for example --limit 20' })
  return found.slice(0, Number(limit))
}

/** All at once: forty thousand writes to a pipe take longer than finding what to write. */
function print({ out, columns }: Terminal, lines: readonly string[]): void {
  const cut = (line: string) => (columns && line.length > columns ? `${line.slice(0, columns - 1)}…` : line)
  out(lines.map(cut).join('\n'))
}

const table = (found: readonly RunSummary[]): string[] =>
  aligned([['run', 'status', 'preset', 'seeds', 'time', 'verdicts'], ...found.map(cells)])

const verdictsText = ({ verdicts }: RunSummary): string =>
  Object.entries(verdicts ?? {})
    .map(([claim, verdict]) => `${claim} ${verdict}`)
    .join(', ')

const cells = (run: RunSummary): string[] => [
  run.folder,
  run.status,
  run.preset ?? '',
  run.seeds ? `${run.seeds.length} ${run.seeds.length === 1 ? 'seed' : 'seeds'}` : '',
  run.seconds === undefined ? '' : formatSeconds(run.seconds),
  run.problem ?? [progressText(run), run.real === false ? 'generated data' : '', verdictsText(run)].filter(Boolean).join('; '),
]

function progressText({ status, unitsDone, unitsTotal, lastSeen }: RunSummary): string {
  if (unitsTotal === undefined || status === 'complete') return ''
  const seen = lastSeen ? `, seen ${formatSeconds(Math.max(0, Date.now() - Date.parse(lastSeen)) / 1000)} ago` : ''
  return `${unitsDone} of ${unitsTotal} units${seen}`
}

/** `40,000 runs: 39,990 complete (30,000 hold, 9,990 fail), 10 running` */
function counted(found: readonly RunSummary[], all: number): string {
  const number = (count: number) => count.toLocaleString('en')
  const count = <Key extends string | undefined>(keys: readonly Key[], names: readonly string[]) =>
    names.flatMap((name) => {
      const n = keys.filter((key) => key === name).length
      return n ? [`${number(n)} ${name}`] : []
    })
  const complete = found.filter(({ status }) => status === 'complete')
  const verdicts = count(
    complete.map(({ outcome }) => outcome),
    outcomes,
  )
  const parts = count(
    found.map(({ status }) => status),
    statuses,
  ).map((part) => (part.endsWith(' complete') && verdicts.length ? `${part} (${verdicts.join(', ')})` : part))
  const of = found.length === all ? '' : ` of ${number(all)}`
  return `${number(found.length)}${of} ${found.length === 1 && !of ? 'run' : 'runs'}${parts.length ? `: ${parts.join(', ')}` : ''}`
}

async function answer(terminal: Terminal, all: readonly ListedRun[], { sql, json }: RunsOptions): Promise<number> {
  const { queryRuns } = await import('../experiment/run/run-query.ts')
  const rows = await queryRuns(all, sql!)
  if (json) terminal.out(JSON.stringify(rows, null, 2))
  else if (rows.length === 0) terminal.out('no rows')
  else {
    const names = Object.keys(rows[0])
    const shown = (value: unknown) => (value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value))
    print(terminal, aligned([names, ...rows.map((row) => names.map((name) => shown(row[name])))]))
  }
  return 0
}

/** Exits with 1 if a file of a complete run is not as it was when the run ended. */
function verify(terminal: Terminal, found: readonly ListedRun[], { json }: RunsOptions): number {
  const checked = found.map(({ summary: { folder, status } }) => {
    if (status !== 'complete') return { folder, state: status, files: 0, damage: [] }
    const manifest = readManifest(folder)
    if (!manifest) return { folder, state: 'without a manifest', files: 0, damage: [] }
    const damage = damageOf(folder, manifest)
    return { folder, state: damage.length ? 'damaged' : 'whole', files: manifest.files.length, damage }
  })
  const bad = checked.filter(({ state }) => state === 'damaged')
  if (json) terminal.out(JSON.stringify(checked, null, 2))
  else
    for (const { folder, state, files, damage } of checked) {
      terminal.out(
        `${folder}: ${state === 'whole' ? `whole, ${files} files as they were` : state === 'damaged' ? 'damaged' : `${state}, not checked`}`,
      )
      for (const { path, what } of damage) terminal.out(`  ${what.padEnd(7)}  ${path}`)
    }
  return bad.length ? 1 : 0
}
