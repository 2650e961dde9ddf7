import { type ComponentChildren, createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { inLanguage, type Label, type Language } from '../../../experiment/text.ts'
import { observable, useObservable } from '../observable.ts'
import { place } from '../router/location.ts'
import { saved } from '../saved.ts'
import { chooseLanguage, localeOf } from './language.ts'

const choice = saved('quire-language')

const language = observable<Language>(chooseLanguage(location.search, choice.get(), navigator.languages))

const show = (chosen: Language) => {
  document.documentElement.lang = localeOf(chosen)
}
show(language.get())
language.watch(show)

place.watch((address) => {
  const { search, searchParams } = new URL(address, location.origin)
  if (searchParams.has('lang')) language.set(chooseLanguage(search, language.get(), []))
})

/** The reader's own choice; an address that names another language is changed. */
export function speak(chosen: Language): void {
  choice.set(chosen)
  const address = new URL(location.href)
  if (address.searchParams.has('lang')) {
    address.searchParams.set('lang', chosen)
    // What the entry keeps for the way back stays.
    history.replaceState(history.state, '', address)
  }
  language.set(chosen)
}

/** Given once, at the top: a thousand rows that each watched for themselves would cost as much as drawing them. */
const Spoken = createContext<Language>(language.get())

/** Everything in it is in the reader's language. */
export function Speaking({ children }: { readonly children: ComponentChildren }) {
  return <Spoken.Provider value={useObservable(language)}>{children}</Spoken.Provider>
}

export const useLanguage = (): Language => useContext(Spoken)

/** Gives texts in the reader's language. */
export function useText(): (text: Label) => string {
  const chosen = useLanguage()
  return (text) => inLanguage(text, chosen)
}
