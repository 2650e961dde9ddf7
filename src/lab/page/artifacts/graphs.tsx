import { useEffect, useMemo, useState } from 'preact/hooks'
import { sentences, texts } from '../../texts.ts'
import { useText } from '../language/use-language.tsx'
import { inSteps } from '../steps.ts'
import { type DrawnGraph, layoutInSteps } from './graph.ts'
import { graphsIn } from './graph-formats.ts'

/** More are not drawn. */
const most = 24

/** The graphs of a file, small and side by side. */
export function Graphs({ text, path }: { readonly text: string; readonly path: string }) {
  const t = useText()
  const { shown, all } = useMemo(() => graphsIn(path, text, most), [path, text])
  if (!shown.length) return <p class="note">{t(texts.noGraph)}</p>
  return (
    <>
      <div class="graphs">
        {shown.map((graph, i) => (
          <Graph key={i} graph={graph} />
        ))}
      </div>
      {shown.length < all && <p class="note">{t(sentences.graphsShown(shown.length, all))}</p>}
    </>
  )
}

function Graph({ graph }: { readonly graph: DrawnGraph }) {
  const t = useText()
  const [places, setPlaces] = useState<readonly (readonly [number, number])[]>()
  useEffect(() => {
    function* draw(): Generator<void, void> {
      const found = yield* layoutInSteps(graph)
      setPlaces(found.map(([x, y]) => [6 + 88 * x, 6 + 88 * y]))
    }
    return inSteps(draw())
  }, [graph])
  return (
    <svg viewBox="0 0 100 100" width="110" height="110" role="img" aria-label={t(sentences.graphWords(graph.nodes, graph.edges.length))}>
      {places && (
        <>
          {graph.edges.map(([from, to], i) => (
            <line key={i} x1={places[from][0]} y1={places[from][1]} x2={places[to][0]} y2={places[to][1]} />
          ))}
          {places.map(([x, y], i) => (
            <circle key={i} cx={x} cy={y} r={graph.nodes > 60 ? 1.4 : 2.6} />
          ))}
        </>
      )}
    </svg>
  )
}
