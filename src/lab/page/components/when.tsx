import { localeOf } from '../language/language.ts'
import { useLanguage } from '../language/use-language.ts'

/** A moment, in the reader's language and time. */
export function When({ iso, seconds = false }: { readonly iso: string; readonly seconds?: boolean }) {
  const language = useLanguage()
  const moment = new Date(iso)
  if (Number.isNaN(moment.getTime())) return null
  const format = new Intl.DateTimeFormat(localeOf(language), {
    year: 'numeric',
    month: language === 'zh' ? 'numeric' : 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds && { second: '2-digit' }),
  })
  return <time dateTime={iso}>{format.format(moment)}</time>
}
