import type { Language } from '../../../experiment/text.ts'
import { localeOf } from '../language/language.ts'
import { useLanguage } from '../language/use-language.tsx'

/** To make one costs more than to draw the row that it is for. */
const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(language: Language, seconds: boolean): Intl.DateTimeFormat {
  const key = `${language} ${seconds}`
  const known = formats.get(key)
  if (known) return known
  const format = new Intl.DateTimeFormat(localeOf(language), {
    year: 'numeric',
    month: language === 'zh' ? 'numeric' : 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds && { second: '2-digit' }),
  })
  formats.set(key, format)
  return format
}

/** A moment, in the reader's language and time. */
export function When({ iso, seconds = false }: { readonly iso: string; readonly seconds?: boolean }) {
  const language = useLanguage()
  const moment = new Date(iso)
  return Number.isNaN(moment.getTime()) ? null : <time dateTime={iso}>{formatOf(language, seconds).format(moment)}</time>
}
