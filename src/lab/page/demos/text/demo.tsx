import { useEffect, useRef, useState } from 'preact/hooks'
import { useText } from '../../language/use-language.tsx'
import { About, useModelList } from '../about.tsx'
import { Failure, GoAndStop, Seed, WholeNumber } from '../controls.tsx'
import type { TextQuality } from '../models.ts'
import { bitsText, demoTexts, modelNotes, modelTexts, speedText, textTexts } from '../texts.ts'
import type { Candidate } from './complete.ts'
import { tokenText } from './show.ts'
import { type ModelName, modelNames } from './tasks.ts'
import { useCompletion } from './use-completion.ts'

/** Beginnings of texts like those that a model was trained on. */
const beginnings: Readonly<Record<ModelName, readonly [string, ...string[]]>> = {
  lisa: ['ROMEO:\n', 'KING RICHARD:\nWhat news', 'Once upon a time there was a'],
  'aurora-m': ['The government said that ', '# Write a python function to find the ', 'Chính phủ Việt Nam '],
}

/** A text that a small language model goes on with. */
export function TextDemo() {
  const t = useText()
  const list = useModelList()
  const [model, setModel] = useState<ModelName>(modelNames[0])
  const [prompt, setPrompt] = useState<string>(beginnings[model][0])
  const [temperature, setTemperature] = useState(0.7)
  const [seed, setSeed] = useState(0)
  const [length, setLength] = useState(150)
  const { written, candidates, chosen, speed, problem, canStart, isRunning, start, stop } = useCompletion(model, prompt)
  const choose = (chosen: ModelName) => {
    setModel(chosen)
    if (beginnings[model].includes(prompt)) setPrompt(beginnings[chosen][0])
  }
  const paper = useRef<HTMLPreElement>(null)
  useEffect(() => paper.current!.scrollTo(0, paper.current!.scrollHeight), [written])
  const isLoading = candidates.length === 0 && problem === undefined
  return (
    <div class="demo text">
      <p>{t(textTexts.intro)}</p>
      <div class="bench">
        <section class="controls">
          <label>
            {t(textTexts.model)}
            <select value={model} disabled={isRunning} onChange={(event) => choose(event.currentTarget.value as ModelName)}>
              {modelNames.map((one) => (
                <option key={one} value={one}>
                  {t(modelTexts[one])}
                </option>
              ))}
            </select>
            <small>{t(modelNotes[model])}</small>
          </label>
          <label>
            {t(textTexts.prompt)}
            <textarea rows={4} value={prompt} disabled={isRunning} onInput={(event) => setPrompt(event.currentTarget.value)} />
          </label>
          <fieldset class="beginnings">
            <legend>{t(textTexts.examples)}</legend>
            {beginnings[model].map((one) => (
              <button key={one} type="button" class="button" disabled={isRunning} onClick={() => setPrompt(one)}>
                {one.trim()}
              </button>
            ))}
          </fieldset>
          <GoAndStop
            go={t(textTexts.go)}
            stop={t(textTexts.stop)}
            canGo={canStart}
            isRunning={isRunning}
            onGo={() => start({ temperature, seed, length })}
            onStop={stop}
          />
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
        </section>
        <section class="result">
          <h2>{t(textTexts.completion)}</h2>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is long is scrolled with the keyboard */}
          {/* biome-ignore lint/a11y/useSemanticElements: a text is no group of fields */}
          <pre class="completion" ref={paper} tabIndex={0} aria-label={t(textTexts.completion)} aria-busy={isRunning} role="group">
            <span class="given">{prompt}</span>
            <span class="new">{written}</span>
          </pre>
          <p role="status" class="note">
            {isLoading ? t(demoTexts.loading) : !isRunning && speed ? t(speedText(speed.tokens, speed.seconds)) : ' '}
          </p>
          <h2>{t(textTexts.next)}</h2>
          <Candidates candidates={candidates} chosen={chosen} />
          <p class="note">{t(textTexts.nextNote)}</p>
        </section>
      </div>
      <Failure problem={problem} />
      <p class="note">{t(demoTexts.here)}</p>
      <About<TextQuality>
        list={list}
        demo="text"
        papers={['lisa', 'aurora-m']}
        qualityText={({ bitsPerByteStored, bitsPerByteBefore }) => bitsText(bitsPerByteStored, bitsPerByteBefore)}
      />
    </div>
  )
}

function Candidates({ candidates, chosen }: { readonly candidates: readonly Candidate[]; readonly chosen?: number }) {
  const t = useText()
  return (
    <table class="bars">
      <thead class="unseen">
        <tr>
          <th scope="col">{t(textTexts.token)}</th>
          <th scope="col">{t(textTexts.probability)}</th>
        </tr>
      </thead>
      <tbody>
        {candidates.map(({ id, text, probability }) => (
          <tr key={id} class={chosen === id ? 'chosen' : undefined}>
            <th scope="row">{tokenText(id, text)}</th>
            <td>
              <span class="bar" style={{ width: `${100 * probability}%` }} />
              <span class="value">{(100 * probability).toFixed(1)} %</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
