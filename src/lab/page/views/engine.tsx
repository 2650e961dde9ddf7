import { useState } from 'preact/hooks'
import type { EngineRequest, EngineStep, EngineSubjects } from '../../api-engine.ts'
import { texts } from '../../texts.ts'
import { ask, type Refusal } from '../ask.ts'
import { useAsked } from '../asked.ts'
import { Answer } from '../components/answer.tsx'
import { ProblemNote } from '../components/problem.tsx'
import { StepView } from '../demos/engine/step.tsx'
import { engineTexts } from '../demos/texts.ts'
import { useText } from '../language/use-language.tsx'
import { useTitle } from '../title.ts'
import '../demos/engine/engine.css'

/** What a compiled step is made of. */
export function EngineView() {
  const t = useText()
  useTitle(t(texts.engine))
  const subjects = useAsked<EngineSubjects>('/api/engine')
  return (
    <div class="engine">
      <h1>{t(texts.engine)}</h1>
      <p>{t(engineTexts.intro)}</p>
      <Answer asked={subjects}>{(found) => <Looking subjects={found} />}</Answer>
    </div>
  )
}

/** Every subject as a value of the choice: an example by its name, a file by its place in the list. */
const requestOf = ({ files }: EngineSubjects, chosen: string): EngineRequest => {
  const file = /^file (\d+)$/.exec(chosen)
  if (!file) return { example: chosen }
  const { run, file: path } = files[Number(file[1])]
  return { run, file: path }
}

function Looking({ subjects }: { readonly subjects: EngineSubjects }) {
  const t = useText()
  const { examples, files } = subjects
  const [chosen, setChosen] = useState(examples[0].name)
  const [step, setStep] = useState<EngineStep>()
  const [refusal, setRefusal] = useState<Refusal>()
  const [isBusy, setBusy] = useState(false)
  const look = async (time: boolean) => {
    setBusy(true)
    setRefusal(undefined)
    try {
      setStep(await ask<EngineStep>('/api/engine', { ...requestOf(subjects, chosen), time }))
    } catch (error) {
      setRefusal(error as Refusal)
      setStep(undefined)
    }
    setBusy(false)
  }
  const about = examples.find(({ name }) => name === chosen)?.about
  return (
    <>
      <div class="choose">
        <label>
          {t(engineTexts.subject)}
          <select value={chosen} onChange={(event) => setChosen(event.currentTarget.value)}>
            <optgroup label={t(engineTexts.examples)}>
              {examples.map(({ name, title }) => (
                <option key={name} value={name}>
                  {t(title)}
                </option>
              ))}
            </optgroup>
            {files.length > 0 && (
              <optgroup label={t(engineTexts.files)}>
                {files.map(({ run, file }, i) => (
                  <option key={`${run}/${file}`} value={`file ${i}`}>
                    {run}: {file}
                  </option>
                ))}
              </optgroup>
            )}
          </select>
        </label>
        <button type="button" class="button primary" disabled={isBusy} onClick={() => look(false)}>
          {t(engineTexts.look)}
        </button>
        <button type="button" class="button" disabled={isBusy} onClick={() => look(true)}>
          {t(engineTexts.time)}
        </button>
      </div>
      <p class="note">{about && t(about)}</p>
      <p role="status" class="note">
        {isBusy ? t(engineTexts.timing) : !step && !refusal && t(engineTexts.wait)}
      </p>
      {refusal && <ProblemNote problem={refusal} />}
      {step && <StepView step={step} />}
    </>
  )
}
