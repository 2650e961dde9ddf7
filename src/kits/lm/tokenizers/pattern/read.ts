import type { Field } from '../field.ts'
import { translatePattern } from './translate.ts'

/** A `pattern` of a `tokenizer.json`: `{ "String": … }`, which is meant literally, or `{ "Regex": … }`. */
export function readPattern(field: Field): string | RegExp {
  if (typeof field.value === 'string') return field.value
  const regex = field.at('Regex')
  if (regex.missing) return field.at('String').text()
  return translatePattern(regex.text(), `${field.file}: "${regex.path}"`)
}
