import { keep, kept } from './kept.ts'

/*
 * Where somebody was in a view, kept with its entry of the history. The browser's own memory does not serve: it scrolls before the view is drawn, when
 * there is nothing to scroll to.
 */

/** Milliseconds after the last movement: browsers allow only so many changes of the history in a while. */
const restsAfter = 150

/** Milliseconds in which a view must have become as long as it was. */
const patience = 5000

let resting: ReturnType<typeof setTimeout> | undefined
let goingBack: AbortController | undefined

/** Keeps where the page is. On the way back it is not there yet. */
export function keepScroll(): void {
  clearTimeout(resting)
  if (!goingBack) keep('scroll', scrollY)
}

/** Goes where the page was at this entry of the history, as soon as it is so long. Whoever scrolls meanwhile is let be. */
export function scrollBack(): void {
  clearTimeout(resting)
  goingBack?.abort()
  const scroll = kept('scroll')
  if (typeof scroll !== 'number') return
  scrollTo(0, scroll)
  if (scroll === 0) return
  const going = new AbortController()
  goingBack = going
  const stop = () => going.abort()
  const observer = new ResizeObserver(() => {
    scrollTo(0, scroll)
    if (Math.abs(scrollY - scroll) < 1) stop()
  })
  // In the next frame the view is another.
  const frame = requestAnimationFrame(() => observer.observe(document.body))
  const timer = setTimeout(stop, patience)
  for (const act of ['wheel', 'touchmove', 'pointerdown', 'keydown']) addEventListener(act, stop, { signal: going.signal, passive: true })
  going.signal.addEventListener('abort', () => {
    cancelAnimationFrame(frame)
    clearTimeout(timer)
    observer.disconnect()
    goingBack = undefined
  })
}

export function watchScroll(): void {
  history.scrollRestoration = 'manual'
  addEventListener('scroll', () => {
    clearTimeout(resting)
    resting = setTimeout(keepScroll, restsAfter)
  })
  addEventListener('pagehide', keepScroll)
  scrollBack()
  if (kept('scroll') === undefined) keepScroll()
}
