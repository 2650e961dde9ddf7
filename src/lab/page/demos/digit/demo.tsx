import { useEffect, useRef, useState } from 'preact/hooks'
import { useText } from '../../language/use-language.tsx'
import { About, useModelList } from '../about.tsx'
import { Failure, Share } from '../controls.tsx'
import { blank, isBlank, type Picture } from '../drawing/ink.ts'
import { useDigit } from '../drawing/use-digit.tsx'
import type { DigitQuality } from '../models.ts'
import {
  changedText,
  classTexts,
  demoTexts,
  digitQualityText,
  digitTexts,
  keptText,
  kindTexts,
  outcomeTexts,
  questionTexts,
} from '../texts.ts'
import { useAssistant } from '../worker/use-assistant.ts'
import type { Explained, Perturbed } from './explain.ts'
import { outcomeOf } from './outcome.ts'
import { SaliencyPicture } from './saliency-picture.tsx'
import type { Both, DigitTasks, Kind, Question } from './tasks.ts'

const kinds = ['fragile', 'robust'] as const satisfies readonly Kind[]
const questions = ['ten', 'parity'] as const satisfies readonly Question[]

/** The digit that is there at first: a four whose plain explanation is easily changed. */
const firstExample = 8

/** Steps of the attack: those of the experiment. */
const attackSteps = 60

/** A digit, what two networks take it for, why, and how much of the why survives a small change. */
export function DigitDemo() {
  const t = useText()
  const list = useModelList()
  const worker = useAssistant<DigitTasks>(() => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }))
  const [question, setQuestion] = useState<Question>('ten')
  const [eps, setEps] = useState(0.5)
  const [explained, setExplained] = useState<Both<Explained>>()
  const [perturbed, setPerturbed] = useState<Both<Perturbed>>()
  const [share, setShare] = useState<number>()
  const [problem, setProblem] = useState<string>()
  const { shown, tools } = useDigit(firstExample, setProblem)
  const asking = useRef(0)

  useEffect(() => {
    setPerturbed(undefined)
    if (!worker || isBlank(shown)) {
      setExplained(undefined)
      return
    }
    const mine = ++asking.current
    const timer = setTimeout(
      () =>
        worker.ask('explain', { question, pixels: shown }).then(
          (found) => mine === asking.current && setExplained(found),
          (error: Error) => setProblem(error.message),
        ),
      60,
    )
    return () => clearTimeout(timer)
  }, [worker, shown, question])
  const perturb = async () => {
    setShare(0)
    setProblem(undefined)
    const mine = asking.current
    try {
      const found = await worker!.ask('perturb', { question, pixels: shown, eps, steps: attackSteps }, { onEvent: setShare })
      if (mine === asking.current) setPerturbed(found)
    } catch (error) {
      setProblem((error as Error).message)
    }
    setShare(undefined)
  }
  const k = explained?.fragile.top.length ?? 0
  return (
    <div class="demo digit">
      <p>{t(digitTexts.intro)}</p>
      <div class="bench">
        <section class="controls">
          {tools}
          <fieldset>
            <legend>{t(digitTexts.question)}</legend>
            {questions.map((one) => (
              <label key={one}>
                <input type="radio" name="question" checked={question === one} onChange={() => setQuestion(one)} /> {t(questionTexts[one])}
              </label>
            ))}
          </fieldset>
          <label>
            {t(digitTexts.radius)}: <output>{eps.toFixed(2)}</output>
            <input
              type="range"
              min="0.05"
              max="1.5"
              step="0.05"
              value={eps}
              onInput={(event) => setEps(Number(event.currentTarget.value))}
            />
          </label>
          <p>
            <button type="button" class="button primary" disabled={!explained || share !== undefined} onClick={perturb}>
              {t(digitTexts.perturb)}
            </button>{' '}
            <button type="button" class="button" disabled={!perturbed} onClick={() => setPerturbed(undefined)}>
              {t(digitTexts.undo)}
            </button>
          </p>
          <Share share={share} />
        </section>
        <div class="pair">
          {kinds.map((kind) => (
            <Opinion key={kind} kind={kind} picture={shown} explained={explained?.[kind]} perturbed={perturbed?.[kind]} />
          ))}
          <p class="outcome" role="status">
            {perturbed ? t(outcomeTexts[outcomeOf(perturbed.fragile.kept, perturbed.robust.kept, k)]) : !explained && t(digitTexts.nothing)}
          </p>
          <p class="note">
            {t(digitTexts.legend)} {t(digitTexts.own)}
          </p>
        </div>
      </div>
      <Failure problem={problem} />
      <p class="note">{t(demoTexts.here)}</p>
      <About<DigitQuality>
        list={list}
        demo="digit"
        papers={['r2et']}
        qualityText={({ accuracy, precisionUnderAttack }) => digitQualityText(accuracy, precisionUnderAttack)}
      />
    </div>
  )
}

interface OpinionProps {
  readonly kind: Kind
  readonly picture: Picture
  readonly explained?: Explained
  readonly perturbed?: Perturbed
}

/** What one network says. */
function Opinion({ kind, picture, explained, perturbed }: OpinionProps) {
  const t = useText()
  const title = t(kindTexts[kind])
  const told = perturbed?.after ?? explained
  return (
    <section class="opinion" aria-label={title}>
      <h2>{title}</h2>
      <Probabilities told={told} />
      <div class="explanations">
        <figure>
          <SaliencyPicture picture={picture} top={explained?.top ?? []} label={`${title}: ${t(digitTexts.before)}`} />
          <figcaption>{t(digitTexts.before)}</figcaption>
        </figure>
        <figure>
          <SaliencyPicture
            picture={perturbed?.pixels ?? blankPicture}
            top={perturbed?.after.top ?? []}
            before={explained && perturbed ? explained.top : undefined}
            label={`${title}: ${t(digitTexts.after)}`}
          />
          <figcaption>
            {t(digitTexts.after)}
            <strong>{perturbed ? t(keptText(perturbed.kept, perturbed.after.top.length)) : ' '}</strong>
            <small>{perturbed ? t(changedText(perturbed.distance)) : ' '}</small>
          </figcaption>
        </figure>
      </div>
    </section>
  )
}

const blankPicture = blank()

function Probabilities({ told }: { readonly told?: Explained }) {
  const t = useText()
  const values = told?.probabilities ?? new Array<number>(10).fill(0)
  const names = classTexts(values.length)
  return (
    <table class="bars">
      <thead class="unseen">
        <tr>
          <th scope="col">{t(digitTexts.class)}</th>
          <th scope="col">{t(digitTexts.probability)}</th>
        </tr>
      </thead>
      <tbody>
        {values.map((value, i) => (
          <tr key={names[i].en} class={told?.label === i ? 'chosen' : undefined}>
            <th scope="row">{t(names[i])}</th>
            <td>
              <span class="bar" style={{ width: `${100 * value}%` }} />
              <span class="value">{(100 * value).toFixed(1)} %</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
