import { useMemo } from 'preact/hooks'
import { sentences, texts } from '../../texts.ts'
import { useText } from '../language/use-language.tsx'
import { type DrawnGraph, layout, parseEdgeList, parseGraphLine } from './graph.ts'

/** More are not drawn. */
const most = 24

function graphsIn(text: string): { shown: DrawnGraph[]; all: number } {
  const lines = text.split('\n').filter((line) => line.trim().startsWith('{'))
  if (!lines.length) {
    const one = parseEdgeList(text)
    return { shown: one ? [one] : [], all: one ? 1 : 0 }
  }
  return { shown: lines.slice(0, most).flatMap((line) => parseGraphLine(line) ?? []), all: lines.length }
}

/** The graphs of a file, small and side by side. */
export function Graphs({ text }: { readonly text: string }) {
  const t = useText()
  const { shown, all } = useMemo(() => graphsIn(text), [text])
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
  const places = useMemo(() => layout(graph).map(([x, y]) => [6 + 88 * x, 6 + 88 * y]), [graph])
  return (
    <svg viewBox="0 0 100 100" width="110" height="110" role="img" aria-label={t(sentences.graphWords(graph.nodes, graph.edges.length))}>
      {graph.edges.map(([from, to]) => (
        <line key={`${from}-${to}`} x1={places[from][0]} y1={places[from][1]} x2={places[to][0]} y2={places[to][1]} />
      ))}
      {places.map(([x, y]) => (
        <circle key={`${x} ${y}`} cx={x} cy={y} r="2.6" />
      ))}
    </svg>
  )
}
