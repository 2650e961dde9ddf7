import type { Field } from './field.ts'

/** The ids that are put before and behind a text. */
export interface Frame {
  readonly before: readonly number[]
  readonly after: readonly number[]
}

const kinds = ['ByteLevel', 'Sequence', 'TemplateProcessing'] as const

/** What `post_processor` of a `tokenizer.json` puts around one text. `ByteLevel` only concerns places in the text. */
export function readFrame(field: Field): Frame {
  if (field.missing) return { before: [], after: [] }
  switch (field.at('type').oneOf(kinds)) {
    case 'ByteLevel':
      return { before: [], after: [] }
    case 'Sequence':
      return field
        .at('processors')
        .items()
        .map(readFrame)
        .reduce((inner, outer) => ({ before: [...outer.before, ...inner.before], after: [...inner.after, ...outer.after] }), {
          before: [],
          after: [],
        })
    case 'TemplateProcessing':
      return template(field)
  }
}

function template(field: Field): Frame {
  const single = field.at('single')
  const items = single.items()
  const text = items.findIndex((item) => !item.at('Sequence').missing)
  if (text < 0 || items.filter((item) => !item.at('Sequence').missing).length > 1) single.refuse('does not hold the text once')
  const ids = items.map((item) => (item.at('Sequence').missing ? idsOf(field, item.at('SpecialToken').at('id')) : []))
  return { before: ids.slice(0, text).flat(), after: ids.slice(text + 1).flat() }
}

function idsOf(field: Field, name: Field): number[] {
  const token = field.at('special_tokens').at(name.text())
  return token.missing
    ? name.refuse(`is "${name.value}", which special_tokens does not have`)
    : token
        .at('ids')
        .items()
        .map((id) => id.count())
}
