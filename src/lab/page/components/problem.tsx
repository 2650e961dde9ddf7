import type { Refusal } from '../ask.ts'

/** What the server refused: what, where, what to do. */
export function ProblemNote({ problem }: { readonly problem: Refusal }) {
  return (
    <p class="problem" role="alert">
      {problem.where && <code>{problem.where}: </code>}
      {problem.message}
      {problem.fix && <span class="fix">{problem.fix}</span>}
    </p>
  )
}
