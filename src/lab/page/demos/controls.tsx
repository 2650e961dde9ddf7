import { useText } from '../language/use-language.tsx'
import { demoTexts } from './texts.ts'

interface WholeNumberProps {
  readonly label: string
  readonly least: number
  readonly most: number
  readonly value: number
  onChange(value: number): void
}

/** A field for a whole number; what is out of its range becomes the nearest that is not. */
export function WholeNumber({ label, least, most, value, onChange }: WholeNumberProps) {
  return (
    <label>
      {label}
      <input
        type="number"
        min={least}
        max={most}
        value={value}
        onInput={({ currentTarget: { valueAsNumber: typed } }) =>
          onChange(Number.isFinite(typed) ? Math.min(most, Math.max(least, Math.round(typed))) : least)
        }
      />
    </label>
  )
}

/** The seed of what is drawn. */
export function Seed({ label, ...field }: Pick<WholeNumberProps, 'label' | 'value' | 'onChange'>) {
  return <WholeNumber label={label} least={0} most={999_999} {...field} />
}

interface GoAndStopProps {
  readonly go: string
  readonly stop: string
  readonly canGo: boolean
  readonly isRunning: boolean
  onGo(): void
  onStop(): void
}

/** Two buttons: begin, and break off. */
export function GoAndStop({ go, stop, canGo, isRunning, onGo, onStop }: GoAndStopProps) {
  return (
    <p>
      <button type="button" class="button primary" disabled={!canGo || isRunning} onClick={onGo}>
        {go}
      </button>{' '}
      <button type="button" class="button" disabled={!isRunning} onClick={onStop}>
        {stop}
      </button>
    </p>
  )
}

/** How far a piece of work is; the room is kept where none is done. */
export function Share({ share }: { readonly share: number | undefined }) {
  const t = useText()
  return <progress max="1" value={share ?? 0} class={share === undefined ? 'hidden' : undefined} aria-label={t(demoTexts.working)} />
}

/** What went wrong, where something did. */
export function Failure({ problem }: { readonly problem: string | undefined }) {
  const t = useText()
  if (problem === undefined) return null
  return (
    <p class="problem" role="alert">
      {t(demoTexts.failed)}: {problem}
    </p>
  )
}
