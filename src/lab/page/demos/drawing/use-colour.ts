import { useEffect, useState } from 'preact/hooks'
import { theme } from '../../theme.ts'

/** Counts changes of the page's colours: what is painted must be painted anew. */
export function useColours(): number {
  const [count, setCount] = useState(0)
  useEffect(() => {
    const changed = () => setCount((count) => count + 1)
    const system = matchMedia('(prefers-color-scheme: dark)')
    system.addEventListener('change', changed)
    const end = theme.watch(changed)
    return () => {
      system.removeEventListener('change', changed)
      end()
    }
  }, [])
  return count
}
