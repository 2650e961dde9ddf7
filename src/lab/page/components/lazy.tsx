import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { texts } from '../../texts.ts'
import { isConnected, ring } from '../ask.ts'
import { useText } from '../language/use-language.tsx'

/** A view whose code is loaded when it is first shown. */
export function lazy<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | undefined
  return function Lazy(props: Props) {
    const t = useText()
    const [, setState] = useState(0)
    const [failed, setFailed] = useState(false)
    useEffect(() => {
      if (loaded) return
      load().then(
        (View) => {
          loaded = View
          setState(1)
        },
        () => {
          setFailed(true)
          ring()
        },
      )
    }, [])
    // A browser may remember that a file failed, and the bundler takes its style for loaded: when the server is back, the page is loaded anew.
    useEffect(() => {
      if (failed) return isConnected.watch((connected) => connected && location.reload())
    }, [failed])
    const View = loaded
    if (View) return <View {...props} />
    return failed ? <p role="alert">{t(texts.viewFailed)}</p> : <p class="waiting">{t(texts.loading)}</p>
  }
}
