import { observable } from './observable.ts'
import { saved } from './saved.ts'

export const themes = ['auto', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const choice = saved('quire-theme')
const kept = choice.get()

/** Which colours: the system's, or the reader's choice. */
export const theme = observable<Theme>(themes.find((name) => name === kept) ?? 'auto')

/** The style sheet asks for the attribute; without it the system decides. */
const show = (chosen: Theme) => {
  if (chosen === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = chosen
}
show(theme.get())
theme.watch(show)
theme.watch(choice.set)
