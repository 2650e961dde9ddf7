import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { FormField, PaperPage, RunForm, Started } from '../../api.ts'
import { sentences, texts } from '../../texts.ts'
import { ask, type NoAnswer, type Refusal } from '../ask.ts'
import { useAsked } from '../asked.ts'
import { Answer } from '../components/answer.tsx'
import { Command } from '../components/command.tsx'
import { ProblemNote } from '../components/problem.tsx'
import { Field } from '../form/field.tsx'
import { commandOf, type Filled, fieldId, grouped, parseSeeds, presetWords, type Refused, refusedField, requestOf } from '../form/form.ts'
import { useText } from '../language/use-language.tsx'
import { useKept } from '../router/kept.ts'
import { go } from '../router/location.ts'
import { paperAddress, runAddress } from '../router/route.ts'
import { useTitle } from '../title.ts'

/** Starts a run of a method, with a form made from its experiment's schema. */
export function StartView({ name }: { readonly name: string }) {
  const t = useText()
  useTitle(t(texts.startRun), name)
  return (
    <Answer asked={useAsked<PaperPage>(`/api/papers/${encodeURIComponent(name)}`)}>
      {(paper) => (
        <>
          <p class="over">
            <a href={paperAddress(name)}>{paper.title}</a>
          </p>
          <h1>
            {t(texts.startRun)}: <code>{name}</code>
          </h1>
          {paper.form ? <StartForm method={name} form={paper.form} /> : <p>{t(texts.notBuiltYet)}</p>}
        </>
      )}
    </Answer>
  )
}

const presetHelp = { smoke: texts.presetSmoke, small: texts.presetSmall, paper: texts.presetPaper } as const

function StartForm({ method, form }: { readonly method: string; readonly form: RunForm }) {
  const t = useText()
  const [filled, setFilled] = useKept<Filled>('filled', { method, preset: 'small', seeds: '', settings: {} })
  const [refusal, setRefusal] = useState<Refusal | NoAnswer>()
  const [isStarting, setStarting] = useState(false)
  const element = useRef<HTMLFormElement>(null)
  const refused = useMemo(() => refusedField(form, refusal), [form, refusal])
  useEffect(() => {
    if (refused) document.getElementById(fieldId(refused.key))?.focus()
  }, [refused])
  const change = (part: Partial<Filled>) => {
    setRefusal(undefined)
    setFilled((before) => ({ ...before, ...part }))
  }
  const request = requestOf(form, filled)
  const submit = async (event: Event) => {
    event.preventDefault()
    if (isStarting) return
    if (!request) return element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
    setStarting(true)
    try {
      go(runAddress((await ask<Started>('/api/runs', request)).path))
    } catch (error) {
      setRefusal(error as Refusal | NoAnswer)
      setStarting(false)
    }
  }
  return (
    <form class="start" ref={element} onSubmit={submit} noValidate>
      <Presets form={form} filled={filled} change={change} />
      <Settings form={form} filled={filled} change={change} refused={refused} />
      <section class="launch" aria-label={t(texts.asCommand)}>
        <h2>{t(texts.asCommand)}</h2>
        <Command text={commandOf(filled)} />
        {refusal && !refused && <ProblemNote problem={refusal} />}
        {(!request || refused) && (
          <p class="problem" role="alert">
            {t(texts.mendFirst)}
          </p>
        )}
        <button type="submit" class="button primary" aria-disabled={!request || isStarting}>
          {t(isStarting ? texts.starting : texts.start)}
        </button>
      </section>
    </form>
  )
}

interface PartProps {
  readonly form: RunForm
  readonly filled: Filled
  change(part: Partial<Filled>): void
}

function Presets({ form: { presets }, filled, change }: PartProps) {
  const t = useText()
  const seeds = presets.find(({ name }) => name === filled.preset)?.seeds ?? 0
  const { problem } = parseSeeds(filled.seeds)
  return (
    <>
      <fieldset class="presets">
        <legend>{t(texts.preset)}</legend>
        {presets.map(({ name, seeds }) => (
          <label key={name}>
            <input type="radio" name="preset" value={name} checked={filled.preset === name} onChange={() => change({ preset: name })} />
            <span>
              <code>{name}</code> <small>{t(sentences.seedsOf(seeds))}</small>
              <small>{t(presetHelp[name])}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <div class={filled.seeds ? 'field changed' : 'field'}>
        <label for="seeds">{t(texts.seedsField)}</label>
        <input
          id="seeds"
          type="text"
          autocomplete="off"
          placeholder={String(seeds)}
          value={filled.seeds}
          aria-invalid={problem !== undefined}
          aria-describedby="seeds-help"
          onInput={({ currentTarget }) => change({ seeds: currentTarget.value })}
        />
        <p class="help" id="seeds-help">
          {t(texts.seedsHelp)}
          {problem && <strong role="alert">{t(problem)}</strong>}
        </p>
      </div>
    </>
  )
}

function Settings({ form, filled, change, refused }: PartProps & { readonly refused?: Refused }) {
  const t = useText()
  const [query, setQuery] = useState('')
  const words = presetWords(form, filled.preset)
  const asked = query.toLowerCase()
  const isAsked = ({ key, description }: FormField) => key === refused?.key || `${key}\n${t(description)}`.toLowerCase().includes(asked)
  const shown = form.fields.filter(isAsked)
  return (
    <section aria-label={t(texts.settings)}>
      <h2>{t(texts.settings)}</h2>
      <p class="note">{t(texts.settingsHelp)}</p>
      {form.fields.length > 12 && (
        <label class="find">
          <span>{t(texts.findSetting)}</span>
          <input type="search" value={query} onInput={({ currentTarget }) => setQuery(currentTarget.value)} />
        </label>
      )}
      {[...grouped(shown)].map(([group, fields]) => (
        <fieldset key={group} class="group">
          <legend>{group && <code>{group}</code>}</legend>
          {fields.map((field) => (
            <Field
              key={field.key}
              field={field}
              word={filled.settings[field.key] ?? ''}
              preset={words.get(field.key) ?? ''}
              refused={refused?.key === field.key ? refused.words : undefined}
              set={(word) => change({ settings: { ...filled.settings, [field.key]: word } })}
            />
          ))}
        </fieldset>
      ))}
    </section>
  )
}
