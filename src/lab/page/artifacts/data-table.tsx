import Papa from 'papaparse'
import { useMemo } from 'preact/hooks'
import { sentences } from '../../texts.ts'
import { useText } from '../language/use-language.tsx'

/** More rows are in the file. */
const most = 100

interface Rows {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const shown = (value: unknown): string => (value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value))

function fromLines(text: string): Rows {
  const objects = text
    .split('\n', most + 1)
    .filter((line) => line.trim())
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  const head = [...new Set(objects.flatMap((object) => Object.keys(object ?? {})))]
  return { head, rows: objects.map((object) => head.map((name) => shown(object[name]))) }
}

function rowsOf(text: string, path: string): Rows | undefined {
  try {
    if (path.endsWith('.jsonl')) return fromLines(text)
    const [head = [], ...rows] = Papa.parse<string[]>(text.trim(), { preview: most + 1 }).data
    return { head, rows }
  } catch {
    return undefined
  }
}

/** The first rows of a table; what is none is shown as text. */
export function DataTable({ text, path }: { readonly text: string; readonly path: string }) {
  const t = useText()
  const found = useMemo(() => rowsOf(text, path), [text, path])
  if (!found) return <pre class="file">{text.slice(0, 20_000)}</pre>
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is too wide is scrolled with the keyboard */}
      {/* biome-ignore lint/a11y/useSemanticElements: a table is no group of fields */}
      <div class="wide scrolled" tabIndex={0} role="group" aria-label={path}>
        <table>
          <thead>
            <tr>
              {found.head.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {found.rows.map((row, i) => (
              <tr key={i}>
                {row.map((cell, k) => (
                  <td key={k}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {found.rows.length >= most && <p class="note">{t(sentences.rowsShown(most))}</p>}
    </>
  )
}
