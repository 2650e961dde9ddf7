import type { ComponentChildren } from 'preact'
import { useEffect, useErrorBoundary } from 'preact/hooks'
import { texts } from '../../texts.ts'
import { useText } from '../language/use-language.tsx'

/** A part that cannot show what it was given says so, and the rest stays. What it is given next it tries to show again. */
export function Boundary({ children }: { readonly children: ComponentChildren }) {
  const t = useText()
  const [error, tryAgain] = useErrorBoundary()
  useEffect(() => {
    if (error) tryAgain()
  }, [children])
  return error ? <p class="problem">{`${t(texts.cannotShow)} ${(error as Error).message}`}</p> : children
}
