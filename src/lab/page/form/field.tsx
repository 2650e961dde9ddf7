import type { ComponentChildren } from 'preact'
import type { FormField } from '../../api.ts'
import { sentences, texts } from '../../texts.ts'
import { useText } from '../language/use-language.tsx'
import { fieldId, fieldProblem } from './form.ts'

interface FieldProps {
  readonly field: FormField
  readonly word: string
  /** What it is where nothing is filled in. */
  readonly preset: string
  /** What the server refused about it. */
  readonly refused?: string
  set(word: string): void
}

/** One setting: a number with its range, a choice, a switch, or words. */
export function Field({ field, word, preset, refused, set }: FieldProps) {
  const t = useText()
  const { key, description, least, most, kind } = field
  const found = fieldProblem(field, word)
  const problem = found ? t(found) : refused
  const id = fieldId(key)
  const hints = [
    ...(least !== undefined || most !== undefined ? [t(sentences.range(least, most))] : []),
    ...(kind === 'list' ? [t(texts.listHelp)] : []),
  ]
  const common = { id, 'aria-describedby': `${id}-help`, 'aria-invalid': problem !== undefined }
  return (
    <div class={word ? 'field changed' : 'field'}>
      <label for={id}>
        <code>{key.slice(key.lastIndexOf('.') + 1)}</code>
      </label>
      <Control field={field} word={word} preset={preset} set={set} common={common} />
      <p class="help" id={`${id}-help`}>
        {t(description)} {hints.length > 0 && <span class="range">({hints.join(', ')})</span>}
        {problem && <strong role="alert">{problem}</strong>}
      </p>
    </div>
  )
}

interface ControlProps extends Omit<FieldProps, 'refused'> {
  readonly common: { readonly id: string }
}

function Control({ field: { kind, choices = [], whole }, word, preset, set, common }: ControlProps) {
  const t = useText()
  if (kind === 'switch')
    return (
      <Choice common={common} word={word} set={set} preset={t(preset === 'true' ? texts.on : texts.off)}>
        <option value="true">{t(texts.on)}</option>
        <option value="false">{t(texts.off)}</option>
      </Choice>
    )
  if (kind === 'choice')
    return (
      <Choice common={common} word={word} set={set} preset={preset}>
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </Choice>
    )
  return (
    <input
      {...common}
      type="text"
      inputMode={kind === 'number' ? (whole ? 'numeric' : 'decimal') : undefined}
      autocomplete="off"
      spellcheck={false}
      placeholder={preset}
      value={word}
      onInput={({ currentTarget }) => set(currentTarget.value)}
    />
  )
}

interface ChoiceProps {
  readonly common: { readonly id: string }
  readonly word: string
  readonly preset: string
  readonly children: ComponentChildren
  set(word: string): void
}

function Choice({ common, word, preset, children, set }: ChoiceProps) {
  const t = useText()
  return (
    <select {...common} value={word} onChange={({ currentTarget }) => set(currentTarget.value)}>
      <option value="">
        {preset} ({t(texts.unchanged)})
      </option>
      {children}
    </select>
  )
}
