import { useEffect, useState } from 'preact/hooks'
import { observable, useObservable } from '../observable.ts'
import { keepScroll, scrollBack, watchScroll } from './scroll.ts'

/** Where the page is. */
export const place = observable(location.pathname + location.search)

const update = () => place.set(location.pathname + location.search)

/** Goes to an address of the page. One that replaces the last is the same entry of the history, with all that is kept there. */
export function go(address: string, { replace = false } = {}): void {
  if (!replace) keepScroll()
  if (replace) history.replaceState(history.state, '', address)
  else history.pushState({ scroll: 0 }, '', address)
  update()
  if (!replace) scrollBack()
}

const isOurs = (link: HTMLAnchorElement): boolean =>
  link.origin === location.origin && !link.target && !link.hasAttribute('download') && !link.pathname.startsWith('/api/')

/** Links are ordinary links; a plain click on one of ours stays in the page. */
function onClick(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  const link = (event.target as Element).closest?.('a')
  if (!link?.href || !isOurs(link) || (link.hash && link.pathname === location.pathname)) return
  event.preventDefault()
  go(link.pathname + link.search + link.hash)
}

export function watchLocation(): void {
  addEventListener('popstate', () => {
    update()
    scrollBack()
  })
  watchScroll()
  document.addEventListener('click', onClick)
}

export const useLocation = (): URL => {
  const address = useObservable(place)
  return new URL(address, location.origin)
}

/** A word of the address that a view keeps there, such as what is searched for; empty words are left out. Typing makes no history. */
export function useAddressWord(name: string, fallback = ''): [string, (value: string) => void] {
  const word = useLocation().searchParams.get(name) ?? fallback
  // What was typed stands at once, whatever the address does.
  const [typed, setTyped] = useState(word)
  useEffect(() => setTyped(word), [word])
  const set = (value: string) => {
    setTyped(value)
    const words = new URLSearchParams(location.search)
    if (value === fallback) words.delete(name)
    else words.set(name, value)
    const search = words.toString()
    go(location.pathname + (search && `?${search}`), { replace: true })
  }
  return [typed, set]
}
