import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Label } from '../../../experiment/text.ts'
import { texts } from '../../texts.ts'
import { useText } from '../language/use-language.tsx'
import { observable } from '../observable.ts'
import { useAddressWord } from '../router/location.ts'
import { inSteps, type Steps } from '../steps.ts'
import { Chart } from './chart.tsx'
import { curveFigure, curveFigureInSteps } from './curve-figure.ts'
import type { Curve } from './curves.ts'
import { Legend } from './legend.tsx'

/** An arm, or an arm of one of several runs. */
export interface Source {
  readonly label: Label
  curves(quantity: string): readonly Curve[]
}

interface PanelProps {
  readonly quantities: readonly string[]
  readonly sources: readonly Source[]
  /** Grows when there is more to draw. */
  readonly version: number
}

const smoothings = { '': texts.smoothOff, '0.8': texts.smoothLight, '0.97': texts.smoothStrong } as const

/** Many quantities are asked for by name. */
const many = 8

/** The curves of all quantities: one legend, one cursor, the same axes' kinds. How they are shown is in the address. */
export function Panel({ quantities, sources, version }: PanelProps) {
  const t = useText()
  const [axes, setAxes] = useAddressWord('log')
  const [smoothing, setSmoothing] = useAddressWord('smooth')
  const [query, setQuery] = useAddressWord('curves')
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set())
  const cursor = useMemo(() => observable<number | undefined>(undefined), [])
  const shown = quantities.filter((name) => name.toLowerCase().includes(query.toLowerCase()))
  const isLog = (axis: string) => axes.includes(axis)
  const toggle = (axis: string) => setAxes(['x', 'y'].filter((one) => isLog(one) !== (one === axis)).join(''))
  return (
    <>
      <div class="tools">
        {(['x', 'y'] as const).map((axis) => (
          <label key={axis} class="check">
            <input type="checkbox" checked={isLog(axis)} onChange={() => toggle(axis)} />
            <span>{t(axis === 'x' ? texts.logX : texts.logY)}</span>
          </label>
        ))}
        <label>
          <span>{t(texts.smoothing)}</span>
          <select value={smoothing} onChange={({ currentTarget }) => setSmoothing(currentTarget.value)}>
            {Object.entries(smoothings).map(([share, text]) => (
              <option key={share} value={share}>
                {t(text)}
              </option>
            ))}
          </select>
        </label>
        {quantities.length > many && (
          <label>
            <span>{t(texts.filterCurves)}</span>
            <input type="search" value={query} onInput={({ currentTarget }) => setQuery(currentTarget.value)} />
          </label>
        )}
      </div>
      <Legend labels={sources.map(({ label }) => label)} hidden={hidden} setHidden={setHidden} />
      <div class="charts">
        {shown.map((name) => (
          <Quantity
            key={name}
            name={name}
            sources={sources}
            hidden={hidden}
            options={{ logX: isLog('x'), logY: isLog('y'), smoothing: Number(smoothing) || 0 }}
            version={version}
            cursor={cursor}
          />
        ))}
      </div>
      <p class="note">
        {t(smoothing ? texts.smoothedNote : texts.bandNote)} {t(texts.cursorHelp)}
      </p>
    </>
  )
}

interface QuantityProps extends Pick<PanelProps, 'sources' | 'version'> {
  readonly name: string
  readonly hidden: ReadonlySet<number>
  readonly options: { readonly logX: boolean; readonly logY: boolean; readonly smoothing: number }
  readonly cursor: ReturnType<typeof observable<number | undefined>>
}

/** Milliseconds after which charts out of sight are drawn too, if nothing has changed since: somebody may scroll to them. */
const unseenAfter = 1500

/** One chart. While its curves grow it is drawn only in sight. */
function Quantity({ name, sources, hidden, options, version, cursor }: QuantityProps) {
  const place = useRef<HTMLElement>(null)
  const isSeen = useSeen(place)
  const { logX, logY, smoothing } = options
  const [figure, setFigure] = useState(() => curveFigure(name, []))
  useEffect(() => {
    function* draw(): Steps {
      const groups = sources.map(({ label, curves }, i) => ({ label, curves: curves(name), hidden: hidden.has(i) }))
      setFigure(yield* curveFigureInSteps(name, groups, { logX, logY, smoothing }))
    }
    return isSeen ? inSteps(draw()) : later(draw())
  }, [name, sources, hidden, logX, logY, smoothing, version, isSeen])
  return (
    <figure class="quantity" ref={place}>
      <figcaption>{name}</figcaption>
      <Chart figure={figure} cursor={cursor} />
    </figure>
  )
}

function later(steps: Steps): () => void {
  let callOff = () => clearTimeout(timer)
  const begin = () => {
    callOff()
    callOff = inSteps(steps)
  }
  const timer = setTimeout(begin, unseenAfter)
  addEventListener('beforeprint', begin, { once: true })
  return () => {
    removeEventListener('beforeprint', begin)
    callOff()
  }
}

/** Whether an element is in sight or nearly so. */
function useSeen(element: { readonly current: Element | null }): boolean {
  const [isSeen, setSeen] = useState(false)
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => setSeen(entry.isIntersecting), { rootMargin: '200px' })
    observer.observe(element.current!)
    return () => observer.disconnect()
  }, [element])
  return isSeen
}
