import { useEffect, useRef, useState } from 'preact/hooks'
import { useText } from '../../language/use-language.tsx'
import { About, useModelList } from '../about.tsx'
import { Failure, GoAndStop, Seed, Share, WholeNumber } from '../controls.tsx'
import { halved, isBlank } from '../drawing/ink.ts'
import { coloursOf, paintInk } from '../drawing/paint.ts'
import { useColours } from '../drawing/use-colour.ts'
import { useDigit } from '../drawing/use-digit.tsx'
import type { UTurnQuality } from '../models.ts'
import { demoTexts, depthText, placeText, samplerTexts, sampleText, storedText, turnedText, uTurnTexts } from '../texts.ts'
import { useAssistant } from '../worker/use-assistant.ts'
import { depths, inkOf, nearestLevel, pictureAt } from './frames.ts'
import type { UTurnTasks } from './tasks.ts'
import type { Frame, Turned, TurnRequest } from './turn.ts'

/** Height and width, and numbers, of a picture of the model. */
const [side, size] = [14, 196]
type Sampler = TurnRequest['sampler']
const samplers = Object.keys(samplerTexts) as Sampler[]

/** The digit that is there at first: a three. */
const firstExample = 7

/** Milliseconds that a frame stands. */
const frameTime = 90

/** A digit, noised to a level and back. */
export function UTurnDemo() {
  const t = useText()
  const list = useModelList()
  const worker = useAssistant<UTurnTasks>(() => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }))
  const [depth, setDepth] = useState<number>(depths.indexOf(1.5))
  const [samples, setSamples] = useState(8)
  const [seed, setSeed] = useState(0)
  const [sampler, setSampler] = useState<Sampler>('churn')
  const [turned, setTurned] = useState<Turned & { readonly milliseconds: number }>()
  const [share, setShare] = useState<number>()
  const [problem, setProblem] = useState<string>()
  const { shown, tools } = useDigit(firstExample, setProblem)
  const running = useRef<AbortController | undefined>(undefined)

  useEffect(() => () => running.current?.abort(), [])
  const image = halved(shown)
  const sigma = depths[depth]
  const turn = async () => {
    const control = new AbortController()
    running.current = control
    setShare(0)
    setProblem(undefined)
    const start = performance.now()
    try {
      const found = await worker!.ask('turn', { image, sigma, samples, seed, sampler }, { onEvent: setShare, signal: control.signal })
      setTurned({ ...found, milliseconds: performance.now() - start })
    } catch (error) {
      if (!control.signal.aborted) setProblem((error as Error).message)
    }
    setShare(undefined)
  }
  const quality = list?.['u-turn'].models[0].quality
  const level = quality && nearestLevel(quality.sigmas, sigma)
  return (
    <div class="demo u-turn">
      <p>{t(uTurnTexts.intro)}</p>
      <div class="bench">
        <section class="controls" aria-label={t(uTurnTexts.start)}>
          {tools}
        </section>
        <section class="turning">
          <label>
            {t(uTurnTexts.depth)}: <output>{sigma}</output>
            <input
              type="range"
              min="0"
              max={depths.length - 1}
              step="1"
              value={depth}
              aria-valuetext={`σ ${sigma}`}
              onInput={(event) => setDepth(Number(event.currentTarget.value))}
            />
            <small>{quality && level !== undefined ? t(depthText(quality.correlationStored[level], quality.sigmas[level])) : ' '}</small>
          </label>
          <div class="fields">
            <WholeNumber label={t(uTurnTexts.samples)} least={1} most={12} value={samples} onChange={setSamples} />
            <Seed label={t(uTurnTexts.seed)} value={seed} onChange={setSeed} />
            <label>
              {t(uTurnTexts.sampler)}
              <select value={sampler} onChange={(event) => setSampler(event.currentTarget.value as Sampler)}>
                {samplers.map((one) => (
                  <option key={one} value={one}>
                    {t(samplerTexts[one as keyof typeof samplerTexts])}
                  </option>
                ))}
              </select>
            </label>
          </div>
          <GoAndStop
            go={t(uTurnTexts.go)}
            stop={t(uTurnTexts.stop)}
            canGo={worker !== undefined && !isBlank(shown)}
            isRunning={share !== undefined}
            onGo={turn}
            onStop={() => running.current?.abort()}
          />
          <Share share={share} />
          <div class="journey">
            <figure>
              <Pictures x={image} count={1} sigma={0} label={t(uTurnTexts.asSeen)} columns={1} />
              <figcaption>{t(uTurnTexts.asSeen)}</figcaption>
            </figure>
            {turned && <Journey turned={turned} />}
          </div>
          <p role="status" class="note">
            {turned && t(turnedText(turned.evaluations, turned.milliseconds))}
          </p>
        </section>
      </div>
      <Failure problem={problem} />
      <p class="note">{t(demoTexts.here)}</p>
      <About<UTurnQuality>
        list={list}
        demo="u-turn"
        papers={['u-turn']}
        qualityText={({ sigmas, correlation, correlationStored }) => storedText(sigmas, correlation, correlationStored)}
      />
    </div>
  )
}

/** The way there and back as an animation that can be stopped and moved by hand, and what came back. */
function Journey({ turned }: { readonly turned: Turned }) {
  const t = useText()
  const { frames, back, correlations } = turned
  const [at, setAt] = useState(0)
  const [playing, setPlaying] = useState(false)
  useEffect(() => {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    setAt(still ? frames.length - 1 : 0)
    setPlaying(!still)
  }, [frames])
  useEffect(() => {
    if (!playing) return
    const timer = setInterval(() => setAt((at) => Math.min(at + 1, frames.length - 1)), frameTime)
    return () => clearInterval(timer)
  }, [playing, frames])
  useEffect(() => {
    if (at === frames.length - 1) setPlaying(false)
  }, [at, frames])
  const frame: Frame = frames[Math.min(at, frames.length - 1)]
  const place = t(placeText(frame.way, frame.sigma))
  const play = () => {
    if (!playing && at === frames.length - 1) setAt(0)
    setPlaying(!playing)
  }
  const columns = Math.min(4, correlations.length)
  return (
    <>
      <figure>
        <Pictures x={frame.x} count={correlations.length} sigma={frame.sigma} label={place} columns={columns} />
        <figcaption>
          <button type="button" class="button" onClick={play}>
            {t(playing ? uTurnTexts.pause : uTurnTexts.play)}
          </button>
          <label>
            <span class="unseen">{t(uTurnTexts.frame)}</span>
            <input
              type="range"
              min="0"
              max={frames.length - 1}
              value={at}
              aria-valuetext={place}
              onInput={(event) => {
                setPlaying(false)
                setAt(Number(event.currentTarget.value))
              }}
            />
          </label>
          <output>{place}</output>
        </figcaption>
      </figure>
      <section>
        <h2>{t(uTurnTexts.back)}</h2>
        <ol class="samples">
          {correlations.map((correlation, i) => (
            <li key={i}>
              <Pictures x={pictureAt(back, i, size)} count={1} sigma={0} label={t(sampleText(i + 1, correlation))} columns={1} />
              {correlation.toFixed(2)}
            </li>
          ))}
        </ol>
        <p class="note">{t(uTurnTexts.correlation)}</p>
      </section>
    </>
  )
}

interface PicturesProps {
  readonly x: Float32Array
  readonly count: number
  readonly sigma: number
  readonly label: string
  readonly columns: number
}

const cell = 6

/** Pictures of the model in rows. */
function Pictures({ x, count, sigma, label, columns }: PicturesProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const colours = useColours()
  const rows = Math.ceil(count / columns)
  useEffect(() => {
    const context = canvas.current!.getContext('2d')!
    context.clearRect(0, 0, canvas.current!.width, canvas.current!.height)
    const { ink } = coloursOf(canvas.current!)
    for (let i = 0; i < count; i++) {
      const place = { left: (i % columns) * (side + 1), top: Math.floor(i / columns) * (side + 1) }
      paintInk(context, inkOf(pictureAt(x, i, size), sigma), { width: side, cell, colour: ink, ...place })
    }
  }, [x, count, sigma, columns, colours])
  const extent = (pictures: number) => (pictures * (side + 1) - 1) * cell
  return <canvas ref={canvas} width={extent(columns)} height={extent(rows)} role="img" aria-label={label} />
}
