import type { Figure } from '../../../experiment/report/figure.ts'
import { legendKeys, swatchSvg } from '../../../experiment/report/legend.ts'
import { seriesColour, seriesDash } from '../../../experiment/report/palette.ts'
import type { Label } from '../../../experiment/text.ts'
import { texts } from '../../texts.ts'
import { useText } from '../language/use-language.tsx'

/** How the line of a series looks. */
export function Swatch({ index }: { readonly index: number }) {
  return (
    <svg class="swatch" width="26" height="10" viewBox="0 -5 26 10" aria-hidden="true">
      <line x2="26" stroke={seriesColour(index)} stroke-width="2" stroke-dasharray={seriesDash(index)} />
    </svg>
  )
}

interface LegendProps {
  readonly labels: readonly Label[]
  readonly hidden: ReadonlySet<number>
  setHidden(hidden: ReadonlySet<number>): void
}

/** What each line is; each can be hidden. */
export function Legend({ labels, hidden, setHidden }: LegendProps) {
  const t = useText()
  const toggle = (index: number) => {
    const next = new Set(hidden)
    if (!next.delete(index)) next.add(index)
    setHidden(next)
  }
  return (
    <fieldset class="legend">
      <legend class="unseen">{t(texts.arms)}</legend>
      {labels.map((label, index) => (
        <button key={index} type="button" aria-pressed={!hidden.has(index)} onClick={() => toggle(index)}>
          <Swatch index={index} /> {t(label)}
        </button>
      ))}
      {labels.length > 2 && (
        <>
          <button type="button" class="quiet" onClick={() => setHidden(new Set())}>
            {t(texts.all)}
          </button>
          <button type="button" class="quiet" onClick={() => setHidden(new Set(labels.keys()))}>
            {t(texts.none)}
          </button>
        </>
      )}
    </fieldset>
  )
}

/** What the series of a figure are. */
export function FigureLegend({ figure }: { readonly figure: Figure }) {
  const t = useText()
  const keys = legendKeys(figure)
  if (!keys.length) return null
  return (
    <ul class="legend">
      {keys.map((key, i) => (
        <li key={i}>
          {/* a drawing of constants of ours */}
          <span class="swatch" dangerouslySetInnerHTML={{ __html: swatchSvg(key) }} /> {t(key.text)}
        </li>
      ))}
    </ul>
  )
}
