import type { ComponentChildren } from 'preact'
import { texts } from '../../texts.ts'
import type { Asked } from '../asked.ts'
import { useText } from '../language/use-language.tsx'
import { ProblemNote } from './problem.tsx'

/** What the server said, once it has. */
export function Answer<T>({ asked: { data, refusal }, children }: { readonly asked: Asked<T>; children(data: T): ComponentChildren }) {
  const t = useText()
  if (refusal) return <ProblemNote problem={refusal} />
  return data === undefined ? <p class="waiting">{t(texts.loading)}</p> : children(data)
}
