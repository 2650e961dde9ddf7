import { useEffect } from 'preact/hooks'

/** What the window is called while a view is shown. */
export function useTitle(...words: readonly (string | undefined)[]): void {
  const title = [...words.filter(Boolean), 'Quire'].join(' · ')
  useEffect(() => {
    document.title = title
  }, [title])
}
