import Papa from 'papaparse'
import { useMemo } from 'preact/hooks'
import { sentences } from '../../texts.ts'
import { useText } from '../language/use-language.tsx'
import { Scrolled } from './scrolled.tsx'
import { TextFile } from './text-file.tsx'

/** More rows are in the file. */
const most = 100

interface Rows {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const shown = (value: unknown): string => (value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value))

function fromObjects(objects: readonly Readonly<Record<string, unknown>>[]): Rows {
  const head = [...new Set(objects.flatMap((object) => Object.keys(object ?? {})))]
  return { head, rows: objects.map((object) => head.map((name) => shown(object[name]))) }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The rows of a table: of CSV and TSV, of JSON objects a line, of a JSON list of objects; undefined where it is none. */
export function rowsOf(text: string, path: string): Rows | undefined {
  try {
    if (/\.jsonl?$/i.test(path)) {
      const lines = /\.jsonl$/i.test(path) ? text.split('\n', most + 1).filter((line) => line.trim()) : undefined
      const found = (lines ? lines.map((line) => JSON.parse(line)) : JSON.parse(text)) as unknown
      return Array.isArray(found) && found.length && found.every(isRecord) ? fromObjects(found.slice(0, most + 1)) : undefined
    }
    const [head = [], ...rows] = Papa.parse<string[]>(text.trim(), { preview: most + 2 }).data
    return head.length ? { head, rows } : undefined
  } catch {
    return undefined
  }
}

/** The first rows of a table; what is none is shown as text. */
export function DataTable({ text, path }: { readonly text: string; readonly path: string }) {
  const t = useText()
  const found = useMemo(() => rowsOf(text, path), [text, path])
  if (!found) return <TextFile text={text} path={path} />
  return (
    <>
      <Scrolled label={path}>
        <table>
          <thead>
            <tr>
              {found.head.map((name, i) => (
                <th key={i} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {found.rows.slice(0, most).map((row, i) => (
              <tr key={i}>
                {row.map((cell, k) => (
                  <td key={k}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolled>
      {found.rows.length > most && <p class="note">{t(sentences.rowsShown(most))}</p>}
    </>
  )
}
