import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { sentences, texts } from '../../texts.ts'
import { useColours } from '../demos/drawing/use-colour.ts'
import { useText } from '../language/use-language.tsx'
import { drawSolid, fittedSolid, type Turn } from './draw-solid.ts'
import { fileBytes, useLoaded } from './files.ts'
import { solidIn } from './solid.ts'

const atFirst: Turn = { around: 0.6, over: 0.4, nearness: 1 }

/** Radians a press of a key, and a pixel of the pointer. */
const [press, pixel] = [0.12, 0.01]

const keys: Readonly<Record<string, (turn: Turn) => Turn>> = {
  ArrowLeft: (turn) => ({ ...turn, around: turn.around - press }),
  ArrowRight: (turn) => ({ ...turn, around: turn.around + press }),
  ArrowUp: (turn) => tilted(turn, -press),
  ArrowDown: (turn) => tilted(turn, press),
  '+': (turn) => nearer(turn, 1.15),
  '=': (turn) => nearer(turn, 1.15),
  '-': (turn) => nearer(turn, 1 / 1.15),
  Home: () => atFirst,
}

const tilted = (turn: Turn, by: number): Turn => ({ ...turn, over: Math.max(-Math.PI / 2, Math.min(Math.PI / 2, turn.over + by)) })
const nearer = (turn: Turn, by: number): Turn => ({ ...turn, nearness: Math.max(0.3, Math.min(8, turn.nearness * by)) })

/** A shape in space, which the pointer and the arrow keys turn. */
export function SolidView({ source, path, name }: { readonly source: string; readonly path: string; readonly name: string }) {
  const t = useText()
  const canvas = useRef<HTMLCanvasElement>(null)
  const loaded = useLoaded((signal) => fileBytes(source, signal).then((bytes) => solidIn(path, bytes) ?? null), [source])
  const solid = useMemo(() => (loaded ? fittedSolid(loaded) : undefined), [loaded])
  const [turn, setTurn] = useState(atFirst)
  const colours = useColours()
  useEffect(() => {
    if (!solid) return
    const frame = requestAnimationFrame(() => drawSolid(canvas.current!, solid, turn))
    return () => cancelAnimationFrame(frame)
  }, [solid, turn, colours])
  if (loaded === null) return <p class="note">{t(texts.noSolid)}</p>
  const onKeyDown = (event: KeyboardEvent) => {
    const change = Object.hasOwn(keys, event.key) && !event.ctrlKey && !event.metaKey ? keys[event.key] : undefined
    if (!change) return
    event.preventDefault()
    setTurn(change)
  }
  const onPointerMove = ({ buttons, movementX, movementY }: PointerEvent) => {
    if (buttons & 1) setTurn((before) => tilted({ ...before, around: before.around + movementX * pixel }, movementY * pixel))
  }
  return (
    <div class="solid">
      <canvas
        ref={canvas}
        width="720"
        height="480"
        tabIndex={0}
        role="img"
        aria-label={`${name}. ${t(texts.turnHelp)}`}
        onKeyDown={onKeyDown}
        onPointerDown={({ currentTarget, pointerId }) => currentTarget.setPointerCapture(pointerId)}
        onPointerMove={onPointerMove}
      />
      <p class="note">
        {loaded ? t(sentences.solidWords(loaded.points.length / 3, loaded.faces.length)) : t(texts.loading)} {t(texts.turnHelp)}
      </p>
    </div>
  )
}
