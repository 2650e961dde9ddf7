import { useEffect, useState } from 'preact/hooks'
import { figureCsv } from '../../../experiment/report/csv.ts'
import { isEmpty } from '../../../experiment/report/describe.ts'
import type { Figure } from '../../../experiment/report/figure.ts'
import { messages } from '../../../experiment/report/messages.ts'
import type { Text } from '../../../experiment/text.ts'
import type { Artifact } from '../../api.ts'
import { ask } from '../ask.ts'
import { Chart } from '../curves/chart.tsx'
import { FigureLegend } from '../curves/legend.tsx'
import { useText } from '../language/use-language.tsx'
import { fileSource } from '../router/route.ts'
import { Gallery } from './gallery.tsx'

interface FiguresProps {
  readonly run: string
  readonly artifacts: readonly Artifact[]
}

/** The figures of a report, drawn anew from their data, so that they can be read with the cursor and fit the page; the kept drawings, where the data cannot be read. */
export function ReportFigures({ run, artifacts }: FiguresProps) {
  const drawn = artifacts.filter(({ title }) => title)
  const [figures, setFigures] = useState<readonly Figure[] | null>()
  const source = fileSource(run, 'artifacts/figures.json')
  const version = drawn.map(({ bytes }) => bytes).join()
  // A report that is made again may have other figures.
  useEffect(() => {
    let isOver = false
    ask<readonly Figure[]>(source).then(
      (found) => !isOver && setFigures(found),
      () => !isOver && setFigures(null),
    )
    return () => {
      isOver = true
    }
  }, [source, version])
  if (figures === null) return <Gallery run={run} artifacts={drawn} />
  return (
    <div class="charts">
      {figures
        ? figures.map((figure) => <ReportFigure key={figure.id} figure={figure} />)
        : drawn.map(({ path, title }) => <Expected key={path} title={title!} />)}
    </div>
  )
}

/** Of a chart; what is expected keeps as much room. */
const height = 300

function Expected({ title }: { readonly title: Text }) {
  const t = useText()
  return (
    <figure class="quantity">
      <figcaption>{t(title)}</figcaption>
      <div style={{ height }} />
    </figure>
  )
}

/** Gives a text to the reader as a file. */
function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/csv' }))
  Object.assign(document.createElement('a'), { href: address, download: name }).click()
  URL.revokeObjectURL(address)
}

function ReportFigure({ figure }: { readonly figure: Figure }) {
  const t = useText()
  const { id, title, ariaDescription } = figure
  return (
    <figure class="quantity" id={`figure-${id}`}>
      <figcaption>{t(title)}</figcaption>
      {isEmpty(figure) ? (
        <p class="note">{t(messages.noData)}</p>
      ) : (
        <>
          <FigureLegend figure={figure} />
          <Chart figure={figure} height={height} />
        </>
      )}
      <p class="note">
        {t(messages.expected)} {t(ariaDescription)}{' '}
        <button type="button" class="quiet" onClick={() => download(`${id}.csv`, figureCsv(figure))}>
          CSV
        </button>
      </p>
    </figure>
  )
}
