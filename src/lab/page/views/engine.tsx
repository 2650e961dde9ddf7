import { useEffect, useState } from 'preact/hooks'
import type { EngineRequest, EngineStep, EngineSubjects } from '../../api-engine.ts'
import { texts } from '../../texts.ts'
import { ask, type NoAnswer, type Refusal } from '../ask.ts'
import { useAsked } from '../asked.ts'
import { Answer } from '../components/answer.tsx'
import { ProblemNote } from '../components/problem.tsx'
import { StepView } from '../demos/engine/step.tsx'
import { engineTexts } from '../demos/texts.ts'
import { useText } from '../language/use-language.tsx'
import { useAddressWord } from '../router/location.ts'
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

/** A file of a run as a value of the choice. */
const fileValue = (run: string, file: string): string => `${run}/${file}`

/** What is looked into, as the address says it: a file of a run, else an example. */
function useSubject({ examples, files }: EngineSubjects) {
  const [run, setRun] = useAddressWord('run')
  const [file, setFile] = useAddressWord('file')
  const [example, setExample] = useAddressWord('example', examples[0].name)
  const choose = (value: string) => {
    const found = files.find((one) => fileValue(one.run, one.file) === value)
    setRun(found?.run ?? '')
    setFile(found?.file ?? '')
    setExample(found ? examples[0].name : value)
  }
  const request: EngineRequest = file ? { run, file } : { example }
  return { request, value: file ? fileValue(run, file) : example, choose }
}

function Looking({ subjects }: { readonly subjects: EngineSubjects }) {
  const t = useText()
  const { examples, files } = subjects
  const { request, value, choose } = useSubject(subjects)
  const [step, setStep] = useState<EngineStep>()
  const [refusal, setRefusal] = useState<Refusal | NoAnswer>()
  const [isBusy, setBusy] = useState(false)
  const look = async (time: boolean) => {
    if (isBusy) return
    setBusy(true)
    setRefusal(undefined)
    try {
      setStep(await ask<EngineStep>('/api/engine', { ...request, time }))
    } catch (error) {
      setRefusal(error as Refusal | NoAnswer)
      setStep(undefined)
    }
    setBusy(false)
  }
  // A link to a file asks for that file.
  useEffect(() => {
    if ('file' in request) look(false)
  }, [])
  const about = examples.find(({ name }) => name === value)?.about
  return (
    <>
      <div class="choose">
        <label>
          {t(engineTexts.subject)}
          <select value={value} onChange={(event) => choose(event.currentTarget.value)}>
            <optgroup label={t(engineTexts.examples)}>
              {examples.map(({ name, title }) => (
                <option key={name} value={name}>
                  {t(title)}
                </option>
              ))}
            </optgroup>
            {files.length > 0 && (
              <optgroup label={t(engineTexts.files)}>
                {files.map(({ run, file }) => (
                  <option key={fileValue(run, file)} value={fileValue(run, file)}>
                    {run}: {file}
                  </option>
                ))}
              </optgroup>
            )}
          </select>
        </label>
        <button type="button" class="button primary" aria-disabled={isBusy} onClick={() => look(false)}>
          {t(engineTexts.look)}
        </button>
        <button type="button" class="button" aria-disabled={isBusy} onClick={() => look(true)}>
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
