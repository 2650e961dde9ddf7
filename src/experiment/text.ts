/** Languages in which reports are written. */
export const languages = ['en', 'zh'] as const
export type Language = (typeof languages)[number]

/** A text in every language; a missing one is a type error. */
export type Text = Readonly<Record<Language, string>>

/** A label that may be the same in every language, such as `log SNR`. */
export type Label = string | Text

export const inLanguage = (label: Label, language: Language): string => (typeof label === 'string' ? label : label[language])

/** A label in English and in Chinese. */
export const inBoth = (label: Label): readonly [en: string, zh: string] => [inLanguage(label, 'en'), inLanguage(label, 'zh')]

/**
 * A name that is the same in every language.
 * @example
 * sameText('LoRA').zh // 'LoRA'
 */
export const sameText = (text: string): Text => ({ en: text, zh: text })

/** A text that is made for each language. */
export const inEach = (make: (language: Language) => string): Text => ({ en: make('en'), zh: make('zh') })

/**
 * Between parts of a label.
 * @example
 * comma.en // ', '
 */
export const comma: Text = { en: ', ', zh: '，' }

/**
 * A label with what tells it from others of its name.
 * @example
 * noted('LoRA', { en: 'far', zh: '远' }).en // 'LoRA (far)'
 */
export const noted = (label: Label, note: Label): Text => ({
  en: `${inLanguage(label, 'en')} (${inLanguage(note, 'en')})`,
  zh: `${inLanguage(label, 'zh')}（${inLanguage(note, 'zh')}）`,
})

/**
 * Texts one after another.
 * @example
 * joined(['LoRA', { en: 'rate 0.1', zh: '学习率 0.1' }], comma).en // 'LoRA, rate 0.1'
 */
export const joined = (texts: readonly Label[], separator: Label = ' '): Text =>
  inEach((language) => texts.map((text) => inLanguage(text, language)).join(inLanguage(separator, language)))

const locales: Readonly<Record<Language, string>> = { en: 'en-GB', zh: 'zh-CN' }

/** A whole number with its digits in groups, as each language writes it. */
export const countText = (count: number): Text => inEach((language) => new Intl.NumberFormat(locales[language]).format(count))

/** A moment, in universal time, as each language writes it: the report's bytes must not depend on where it is made. */
export const dateText = (iso: string): Text =>
  inEach((language) => {
    const format = new Intl.DateTimeFormat(locales[language], { dateStyle: 'long', timeStyle: 'medium', timeZone: 'UTC' })
    return `${format.format(new Date(iso))} UTC`
  })
