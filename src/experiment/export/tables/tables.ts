import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathsOf, readUnit } from '../../run/run-folder.ts'
import type { ExportedRun, ExportedUnit } from '../exported-run.ts'
import { numberOf, readObservations } from '../observations.ts'

/** A text, a number of any kind, or nothing. */
export type Cell = string | number | null | undefined

/** Rows come in pieces of bounded size, with how much of the run is read. */
export interface Piece {
  readonly rows: readonly (readonly Cell[])[]
  readonly fraction: number
}

/** A tidy table: one row an observation, a measurement, a verdict. */
export interface Table {
  readonly columns: readonly string[]
  rows(run: ExportedRun): Iterable<Piece> | AsyncIterable<Piece>
}

const runColumns = ['method', 'run'] as const
const unitColumns = [...runColumns, 'unit', 'arm', 'seed'] as const

const runCells = ({ run: { method, id } }: ExportedRun): Cell[] => [method, id]
const unitCells = (run: ExportedRun, { unit, arm, seed }: ExportedUnit): Cell[] => [...runCells(run), unit, arm, seed]

const metrics: Table = {
  columns: [...unitColumns, 'step', 'name', 'value', 'time'],
  async *rows(run) {
    const cells = new Map(run.units.map((unit) => [unit.unit, unitCells(run, unit)]))
    for await (const { observations, fraction } of readObservations(pathsOf(run.folder).metrics))
      yield {
        fraction,
        rows: observations.flatMap((observation) => {
          const { unit, step, name, time } = observation
          const own = cells.get(unit)
          return own ? [[...own, step, name, numberOf(observation), new Date(time).toISOString()]] : []
        }),
      }
  },
}

const measurements: Table = {
  columns: [...unitColumns, 'name', 'value'],
  rows: (run) =>
    unitByUnit(run, (unit) =>
      Object.entries(unit.found?.measurements ?? {}).map(([name, value]) => [...unitCells(run, unit), name, value]),
    ),
}

/** Curves as the report draws them: at most 2,000 points each. */
const curves: Table = {
  columns: [...unitColumns, 'name', 'x', 'value'],
  rows: (run) =>
    unitByUnit(run, (unit) =>
      Object.entries(readUnit(run.folder, unit.unit)?.series ?? {}).flatMap(([name, { x, y }]) =>
        x.map((at, i) => [...unitCells(run, unit), name, at, y[i]]),
      ),
    ),
}

const claims: Table = {
  columns: [
    ...runColumns,
    'claim',
    'statement',
    'arm',
    'n',
    'mean',
    'low',
    'high',
    'direction',
    'threshold',
    'verdict',
    'reason',
    'baseline',
    'baseline_mean',
    'paper_value',
    'paper_unit',
    'paper_where',
  ],
  rows: (run) => [
    {
      fraction: 1,
      rows: (run.report?.claims ?? []).map(({ id, statement, arm, measured, direction, threshold, verdict, reason, baseline, paper }) => [
        ...[...runCells(run), id, statement, arm, measured.n, measured.mean, measured.ci95?.[0], measured.ci95?.[1]],
        ...[direction, threshold, verdict, reason, baseline?.name, baseline?.mean, paper.value, paper.unit, paper.where],
      ]),
    },
  ],
}

const controls: Table = {
  columns: [...runColumns, 'control', 'broken', 'arm', 'claim', 'mean', 'low', 'high', 'verdict', 'fails_as_it_should'],
  rows: (run) => [
    {
      fraction: 1,
      rows: (run.report?.controls ?? []).map(({ id, broken, arm, claim, measured, verdict, failsAsItShould }) => [
        ...[...runCells(run), id, broken, arm, claim, measured.mean, measured.ci95?.[0], measured.ci95?.[1]],
        ...[verdict, failsAsItShould ? 'yes' : 'no'],
      ]),
    },
  ],
}

/** What was found of single items, where a method keeps it: `items/<unit>/<set>.jsonl`. */
const items: Table = {
  columns: [...unitColumns, 'set', 'item', 'name', 'value'],
  *rows(run) {
    for (const [i, unit] of run.units.entries()) {
      const folder = join(run.folder, 'items', unit.unit)
      for (const file of existsSync(folder) ? readdirSync(folder).sort() : [])
        if (file.endsWith('.jsonl'))
          yield { fraction: i / run.units.length, rows: itemRows(run, unit, join(folder, file), file.slice(0, -6)) }
    }
  },
}

function itemRows(run: ExportedRun, unit: ExportedUnit, path: string, set: string): Cell[][] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line, item) =>
      line
        ? Object.entries(JSON.parse(line) as Record<string, string | number | null>).map(([name, value]) => [
            ...unitCells(run, unit),
            set,
            item,
            name,
            value ?? Number.NaN,
          ])
        : [],
    )
}

function* unitByUnit(run: ExportedRun, rows: (unit: ExportedUnit) => Cell[][]): Generator<Piece> {
  for (const [i, unit] of run.units.entries()) yield { fraction: (i + 1) / run.units.length, rows: rows(unit) }
}

export const tables = { metrics, measurements, curves, claims, controls, items } as const satisfies Record<string, Table>
export type TableName = keyof typeof tables
export const tableNames = Object.keys(tables) as TableName[]
