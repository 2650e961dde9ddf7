/** Languages in which reports are written. */
export const languages = ['en', 'zh'] as const
export type Language = (typeof languages)[number]

/** A text in every language; a missing one is a type error. */
export type Text = Readonly<Record<Language, string>>

/** A label that may be the same in every language, such as `log SNR`. */
export type Label = string | Text

export const inLanguage = (label: Label, language: Language): string => (typeof label === 'string' ? label : label[language])

export const sameText = (text: string): Text => ({ en: text, zh: text })
