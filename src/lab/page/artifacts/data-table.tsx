import { useMemo } from 'preact/hooks'
import { sentences } from '../../texts.ts'
import { useText } from '../language/use-language.tsx'
import { mostRows as most, rowsOf } from './rows.ts'
import { Scrolled } from './scrolled.tsx'
import { TextFile } from './text-file.tsx'

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
