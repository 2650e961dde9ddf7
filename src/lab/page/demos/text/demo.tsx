import { useEffect, useRef, useState } from 'preact/hooks'
import { useText } from '../../language/use-language.tsx'
import { About, useModelList } from '../about.tsx'
import { Failure, GoAndStop, Seed, WholeNumber } from '../controls.tsx'
import type { TextQuality } from '../models.ts'
import { bitsText, demoTexts, modelTexts, speedText, textTexts } from '../texts.ts'
import { useAssistant } from '../worker/use-assistant.ts'
import type { Candidate } from './complete.ts'
import { byteText } from './show.ts'
import type { ModelName, TextTasks } from './tasks.ts'

const models = Object.keys(modelTexts) as ModelName[]

/** Beginnings of news, programs and Vietnamese, which the base has never seen. */
const beginnings = ['The government said that ', '# Write a python function to find the ', 'Chính phủ Việt Nam '] as const

/** A text that a small language model goes on with. */
export function TextDemo() {
  const t = useText()
  const list = useModelList()
  const worker = useAssistant<TextTasks>(() => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }))
  const [model, setModel] = useState<ModelName>('aurora-m')
  const [prompt, setPrompt] = useState<string>(beginnings[0])
  const [temperature, setTemperature] = useState(0.7)
  const [seed, setSeed] = useState(0)
  const [length, setLength] = useState(200)
  const [written, setWritten] = useState('')
  const [candidates, setCandidates] = useState<readonly Candidate[]>([])
  const [chosen, setChosen] = useState<number>()
  const [speed, setSpeed] = useState<{ bytes: number; seconds: number }>()
  const [problem, setProblem] = useState<string>()
  const [isRunning, setRunning] = useState(false)
  const running = useRef<AbortController | undefined>(undefined)

  useEffect(() => () => running.current?.abort(), [])
  useEffect(() => {
    setWritten('')
    setChosen(undefined)
    setSpeed(undefined)
    if (!worker) return
    let isLate = false
    const timer = setTimeout(
      () =>
        worker.ask('next', { model, prompt }).then(
          (found) => !isLate && setCandidates(found),
          (error: Error) => setProblem(error.message),
        ),
      150,
    )
    return () => {
      isLate = true
      clearTimeout(timer)
    }
  }, [worker, model, prompt])

  const start = async () => {
    const control = new AbortController()
    running.current = control
    setRunning(true)
    setProblem(undefined)
    setWritten('')
    const begun = performance.now()
    let bytes = 0
    try {
      const onEvent = ({ text, id, candidates }: { text: string; id?: number; candidates: readonly Candidate[] }) => {
        if (control.signal.aborted) return
        setWritten((before) => before + text)
        if (id === undefined) return
        bytes++
        setCandidates(candidates)
        setChosen(id)
        setSpeed({ bytes, seconds: (performance.now() - begun) / 1000 })
      }
      await worker!.ask('complete', { model, prompt, temperature, seed, length }, { onEvent, signal: control.signal })
    } catch (error) {
      if (!control.signal.aborted) setProblem((error as Error).message)
    }
    setRunning(false)
  }
  return (
    <div class="demo text">
      <p>{t(textTexts.intro)}</p>
      <div class="bench">
        <section class="controls">
          <label>
            {t(textTexts.model)}
            <select value={model} disabled={isRunning} onChange={(event) => setModel(event.currentTarget.value as ModelName)}>
              {models.map((one) => (
                <option key={one} value={one}>
                  {t(modelTexts[one])}
                </option>
              ))}
            </select>
          </label>
          <label>
            {t(textTexts.prompt)}
            <textarea rows={4} value={prompt} disabled={isRunning} onInput={(event) => setPrompt(event.currentTarget.value)} />
          </label>
          <fieldset class="beginnings">
            <legend>{t(textTexts.examples)}</legend>
            {beginnings.map((one) => (
              <button key={one} type="button" class="button" disabled={isRunning} onClick={() => setPrompt(one)}>
                {one.trim()}
              </button>
            ))}
          </fieldset>
          <label>
            {t(textTexts.temperature)}: <output>{temperature.toFixed(2)}</output>
            <input
              type="range"
              min="0"
              max="1.5"
              step="0.05"
              value={temperature}
              onInput={(event) => setTemperature(Number(event.currentTarget.value))}
            />
            <small>{t(textTexts.temperatureNote)}</small>
          </label>
          <div class="fields">
            <Seed label={t(textTexts.seed)} value={seed} onChange={setSeed} />
            <WholeNumber label={t(textTexts.length)} least={1} most={600} value={length} onChange={setLength} />
          </div>
          <GoAndStop
            go={t(textTexts.go)}
            stop={t(textTexts.stop)}
            canGo={worker !== undefined}
            isRunning={isRunning}
            onGo={start}
            onStop={() => running.current?.abort()}
          />
        </section>
        <section class="result">
          <h2>{t(textTexts.completion)}</h2>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is long is scrolled with the keyboard */}
          {/* biome-ignore lint/a11y/useSemanticElements: a text is no group of fields */}
          <pre class="completion" tabIndex={0} aria-label={t(textTexts.completion)} aria-busy={isRunning} role="group">
            <span class="given">{prompt}</span>
            <span class="new">{written}</span>
          </pre>
          <p role="status" class="note">
            {!isRunning && speed ? t(speedText(speed.bytes, speed.seconds)) : ' '}
          </p>
          <h2>{t(textTexts.next)}</h2>
          <table class="bars">
            <thead class="unseen">
              <tr>
                <th scope="col">{t(textTexts.byte)}</th>
                <th scope="col">{t(textTexts.probability)}</th>
              </tr>
            </thead>
            <tbody>
              {candidates.map(({ id, probability }) => (
                <tr key={id} class={chosen === id ? 'chosen' : undefined}>
                  <th scope="row">{byteText(id)}</th>
                  <td>
                    <span class="bar" style={{ width: `${100 * probability}%` }} />
                    <span class="value">{(100 * probability).toFixed(1)} %</span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          <p class="note">{t(textTexts.nextNote)}</p>
        </section>
      </div>
      <Failure problem={problem} />
      <p class="note">{t(demoTexts.here)}</p>
      <About<TextQuality>
        list={list}
        demo="text"
        papers={['aurora-m', 'lisa']}
        qualityText={({ bitsPerByteStored }) => bitsText(bitsPerByteStored)}
      />
    </div>
  )
}
