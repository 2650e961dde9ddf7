import { useEffect, useMemo, useState } from 'preact/hooks'
import { useText } from '../../language/use-language.tsx'
import { engineTexts, foundText } from '../texts.ts'
import type { Box } from './graph.tsx'
import { hitsOf } from './hits.ts'

export interface FinderProps {
  readonly boxes: readonly Box[]
  /** The box that is looked at; none where nothing is looked for. */
  onFind(index: number | undefined): void
}

/** Finds boxes by words of their descriptions; Enter goes to the next one, Shift and Enter to the one before. */
export function Finder({ boxes, onFind }: FinderProps) {
  const t = useText()
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const hits = useMemo(() => hitsOf(boxes, query), [boxes, query])
  const hit = hits[at]
  useEffect(() => setAt(0), [hits])
  useEffect(() => onFind(hit), [hit])
  const go = (by: number) => hits.length > 0 && setAt((at + by + hits.length) % hits.length)
  return (
    <search class="finder">
      <label>
        {t(engineTexts.find)}
        <input
          type="search"
          value={query}
          onInput={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Enter' && go(event.shiftKey ? -1 : 1)}
        />
      </label>
      <button type="button" class="button" disabled={hits.length < 2} onClick={() => go(-1)}>
        {t(engineTexts.previous)}
      </button>
      <button type="button" class="button" disabled={hits.length < 2} onClick={() => go(1)}>
        {t(engineTexts.next)}
      </button>
      <output>{query.trim() && t(foundText(hit === undefined ? 0 : at + 1, hits.length, boxes[hit]?.description))}</output>
    </search>
  )
}
