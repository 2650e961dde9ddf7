import type { ComponentType } from 'preact'
import type { DemoName } from '../../api.ts'
import { lazy } from '../components/lazy.tsx'
import { useText } from '../language/use-language.tsx'
import { hasSimd } from './simd.ts'
import { demoTexts } from './texts.ts'
import './demos.css'

const demos: Readonly<Record<DemoName, ComponentType<object>>> = {
  digit: lazy(() => import('./digit/demo.tsx').then(({ DigitDemo }) => DigitDemo)),
  'u-turn': lazy(() => import('./u-turn/demo.tsx').then(({ UTurnDemo }) => UTurnDemo)),
  text: lazy(() => import('./text/demo.tsx').then(({ TextDemo }) => TextDemo)),
}

/** A model that runs in the page itself. */
export function Demo({ name }: { readonly name: DemoName }) {
  const t = useText()
  const Shown = demos[name]
  if (!hasSimd())
    return (
      <p class="problem" role="alert">
        {t(demoTexts.noSimd)}
      </p>
    )
  return <Shown />
}
