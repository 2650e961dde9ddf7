import { texts } from '../../texts.ts'
import { useText } from '../language/use-language.ts'
import { useTitle } from '../title.ts'

/** What a compiled step is made of. */
export function EngineView() {
  const t = useText()
  useTitle(t(texts.engine))
  return <h1>{t(texts.engine)}</h1>
}
