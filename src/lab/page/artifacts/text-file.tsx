import { useEffect, useMemo, useRef } from 'preact/hooks'
import { type tokenKinds, tokensOf } from './code.ts'
import { Scrolled } from './scrolled.tsx'

/** JSON that stands on one line is laid out. */
function laidOut(text: string, path: string): string {
  if (!/\.json$/i.test(path) || text.trimEnd().includes('\n')) return text
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

/** A text with the numbers of its lines, and program text with its words told apart. */
export function TextFile({ text, path }: { readonly text: string; readonly path: string }) {
  const code = useRef<HTMLElement>(null)
  const shown = useMemo(() => laidOut(text, path), [text, path])
  const numbers = useMemo(() => Array.from(shown.replace(/\n$/, '').split('\n'), (_, i) => i + 1).join('\n'), [shown])
  useEffect(() => coloured(code.current!, path, shown), [shown, path])
  return (
    <Scrolled label={path}>
      <div class="text-file">
        <pre class="lines" aria-hidden="true">
          {numbers}
        </pre>
        <pre>
          <code ref={code}>{shown}</code>
        </pre>
      </div>
    </Scrolled>
  )
}

/** Gives tokens their colours without an element for each: the browser paints ranges of the one text. Returns what takes them away. */
function coloured(element: HTMLElement, path: string, text: string): (() => void) | undefined {
  const node = element.firstChild
  if (!node || typeof CSS === 'undefined' || !('highlights' in CSS)) return undefined
  const ranges = tokensOf(path, text).map(({ kind, start, end }) => {
    const range = new StaticRange({ startContainer: node, startOffset: start, endContainer: node, endOffset: end })
    return { highlight: highlightOf(kind), range }
  })
  for (const { highlight, range } of ranges) highlight.add(range)
  return () => {
    for (const { highlight, range } of ranges) highlight.delete(range)
  }
}

function highlightOf(kind: (typeof tokenKinds)[number]): Highlight {
  const name = `code-${kind}`
  const known = CSS.highlights.get(name)
  if (known) return known
  const made = new Highlight()
  CSS.highlights.set(name, made)
  return made
}
