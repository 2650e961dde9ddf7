import type { Text } from '../../../experiment/text.ts'
import { texts } from '../../texts.ts'
import { useText } from '../language/use-language.tsx'

interface FilterProps {
  readonly value: string
  onChange(value: string): void
}

/** Words that are looked for. */
export function SearchField({ value, onChange }: FilterProps) {
  const t = useText()
  return (
    <label>
      <span>{t(texts.search)}</span>
      <input type="search" value={value} onInput={({ currentTarget }) => onChange(currentTarget.value)} />
    </label>
  )
}

/** One of some, or, as the empty value, all. */
export function Choice({
  label,
  options,
  value,
  onChange,
}: FilterProps & { readonly label: Text; readonly options: readonly [string, Text][] }) {
  const t = useText()
  return (
    <label>
      <span>{t(label)}</span>
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        <option value="">{t(texts.all)}</option>
        {options.map(([name, text]) => (
          <option key={name} value={name}>
            {t(text)}
          </option>
        ))}
      </select>
    </label>
  )
}
