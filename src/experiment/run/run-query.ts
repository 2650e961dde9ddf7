import type { DuckDBConnection } from '@duckdb/node-api'
import { InputError } from '../../engine/errors.ts'
import { type Column, schemaOf } from './run-columns.ts'
import type { ListedRun } from './run-list.ts'

/*
 * SQL over runs. Rows come from the run folders (run-list.ts); DuckDB holds them in memory and sees no files, so a query can read what is listed and
 * change nothing. The library is loaded only here: it is large, and optional.
 */

export type QueryRow = Readonly<Record<string, unknown>>

async function connect(): Promise<DuckDBConnection> {
  let library: typeof import('@duckdb/node-api')
  try {
    library = await import('@duckdb/node-api')
  } catch (cause) {
    throw new InputError('DuckDB is not installed for this machine', {
      where: 'quire runs --where and --sql',
      fix: 'npm install @duckdb/node-api; --method, --status, --verdict and --sort work without it',
      cause,
    })
  }
  const instance = await library.DuckDBInstance.create(':memory:')
  return instance.connect()
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** The path of a key in JSON. */
const path = (...keys: string[]): string => literal(`$${keys.map((key) => `."${key}"`).join('')}`)

const types = { text: 'VARCHAR', number: 'DOUBLE', yesNo: 'BOOLEAN', time: 'TIMESTAMP' } as const

/** A column of the view: its value stands in the row's JSON, and is read when a query asks for it. */
const expression = ({ name, type, keys }: Column): string =>
  `TRY_CAST(json_extract_string(${keys[0] === 'summary' ? 'summary' : 'details'}, ${path(...keys.slice(1))}) AS ${types[type]}) AS ${quoted(name)}`

const claimColumns = `
  CREATE VIEW claims AS
  SELECT folder, method, c.claim, c.verdict, c.mean, c.low, c.high, c.n, c.threshold, c.baseline FROM (
    SELECT row, folder, method, unnest(from_json(details->'$.claims',
      '[{"claim":"VARCHAR","verdict":"VARCHAR","mean":"DOUBLE","low":"DOUBLE","high":"DOUBLE","n":"INTEGER","threshold":"DOUBLE","baseline":"DOUBLE"}]')) AS c
    FROM (SELECT *, json_extract_string(summary, '$.method') AS method FROM stored))`

/** `runs`: one row a run. `claims`: one row a claim of a run. */
async function fill(connection: DuckDBConnection, runs: readonly ListedRun[]): Promise<void> {
  await connection.run('CREATE TABLE stored (row INTEGER, folder VARCHAR, summary VARCHAR, details VARCHAR)')
  const appender = await connection.createAppender('stored')
  for (const [i, { summary, text }] of runs.entries()) {
    appender.appendInteger(i)
    appender.appendVarchar(summary.folder)
    appender.appendVarchar(JSON.stringify(summary))
    appender.appendVarchar(text)
    appender.endRow()
  }
  appender.closeSync()
  const columns = schemaOf(runs).map(expression)
  const whole = ['config', 'settings', 'measurements'].map((name) => `json_extract(details, ${path(name)}) AS ${name}`)
  await connection.run(`CREATE VIEW runs AS SELECT row, ${[...columns, ...whole].join(', ')} FROM stored`)
  await connection.run(claimColumns)
}

/** From here on no statement reaches a file, the network or these settings. */
async function lockDown(connection: DuckDBConnection): Promise<void> {
  for (const setting of ['enable_external_access = false', 'lock_configuration = true']) await connection.run(`SET ${setting}`)
}

/** DuckDB's complaint in one line: its first, without the picture of the statement below. */
function unusable(error: unknown, where: string): unknown {
  const lines = (error instanceof Error ? error.message : String(error))
    .split('\n')
    .filter((line) => line.trim() && !/^LINE \d|^\s*\^/.test(line))
  return new InputError(lines.join(' '), { where, fix: 'the columns are those of: quire runs --sql "DESCRIBE runs"', cause: error })
}

/** Statement types of DuckDB that only read. */
const reading = [1, 24] // SELECT, and what DESCRIBE and EXPLAIN are made of

/** The rows of one statement that reads. @throws InputError for any other. */
export async function queryRuns(runs: readonly ListedRun[], sql: string, where = '--sql'): Promise<QueryRow[]> {
  const connection = await connect()
  await fill(connection, runs)
  await lockDown(connection)
  try {
    const statements = await connection.extractStatements(sql)
    if (statements.count !== 1) throw new InputError('it is not one statement', { where, fix: 'ask one question at a time' })
    const statement = await statements.prepare(0)
    if (!reading.includes(statement.statementType))
      throw new InputError('it is no query', { where, fix: 'SELECT … FROM runs; run folders are changed by quire run and quire report' })
    const reader = await statement.runAndReadAll()
    return reader.getRowObjectsJson() as QueryRow[]
  } catch (error) {
    throw error instanceof InputError ? error : unusable(error, where)
  } finally {
    connection.closeSync()
  }
}

/** The runs for which a condition holds, in their order. */
export async function runsWhere(runs: readonly ListedRun[], condition: string): Promise<ListedRun[]> {
  const rows = await queryRuns(runs, `SELECT row FROM runs WHERE (${condition}\n) ORDER BY row`, '--where')
  return rows.map(({ row }) => runs[row as number])
}
