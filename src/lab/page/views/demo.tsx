import type { DemoName } from '../../api.ts'
import { demoTexts, texts } from '../../texts.ts'
import { Demo } from '../demos/demo.tsx'
import { useText } from '../language/use-language.tsx'
import { useTitle } from '../title.ts'

const names = Object.keys(demoTexts) as DemoName[]

/** The demos, side by side as tabs that are links. */
export function DemoView({ name }: { readonly name: string }) {
  const t = useText()
  const known = names.find((one) => one === name)
  useTitle(known && t(demoTexts[known]), t(texts.demos))
  return (
    <>
      <nav class="tabs" aria-label={t(texts.demos)}>
        {names.map((one) => (
          <a key={one} href={`/demos/${one}`} aria-current={one === known ? 'page' : undefined}>
            {t(demoTexts[one])}
          </a>
        ))}
      </nav>
      <h1>{t(known ? demoTexts[known] : texts.nothingHere)}</h1>
      {known && <Demo key={known} name={known} />}
    </>
  )
}
