import { formatSeconds } from '../../../experiment/format.ts'
import type { RunCard } from '../../api.ts'
import { sentences, texts } from '../../texts.ts'
import { useText } from '../language/use-language.tsx'

/** How far a run is, and how long it still takes. */
export function Progress({ run: { status, done, left, unitsDone = 0, unitsTotal = 0 } }: { readonly run: RunCard }) {
  const t = useText()
  const share = done ?? (unitsTotal ? unitsDone / unitsTotal : 0)
  return (
    <span class="progress">
      <progress value={share} max={1} aria-label={t(texts.progress)} />
      <span class="numbers">{Math.floor(share * 100)} %</span>
      {status === 'running' && left !== undefined && <small>{t(sentences.left(formatSeconds(left)))}</small>}
    </span>
  )
}
