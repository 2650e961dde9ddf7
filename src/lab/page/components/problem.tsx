import { texts } from '../../texts.ts'
import { NoAnswer, type Refusal } from '../ask.ts'
import { useText } from '../language/use-language.tsx'

/** What the server refused: what, where, what to do; or that it did not answer. */
export function ProblemNote({ problem }: { readonly problem: Refusal | NoAnswer }) {
  const t = useText()
  if (problem instanceof NoAnswer)
    return (
      <p class="problem" role="alert">
        {t(texts.noAnswer)}
      </p>
    )
  return (
    <p class="problem" role="alert">
      {problem.where && <code>{problem.where}: </code>}
      {problem.message}
      {problem.fix && <span class="fix">{problem.fix}</span>}
    </p>
  )
}
