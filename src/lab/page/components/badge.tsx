import { verdictTexts } from '../../../experiment/report/messages.ts'
import type { Outcome } from '../../../experiment/verdict/judgement.ts'
import type { Verdict } from '../../../experiment/verdict/verdict.ts'
import type { PaperState, RunCard } from '../../api.ts'
import { stateTexts, texts } from '../../texts.ts'
import { useText } from '../language/use-language.tsx'

/** A sign as well as a colour: colour alone says nothing to those who do not see it. */
const signs: Readonly<Record<PaperState | RunCard['status'], string>> = {
  holds: '✓',
  fails: '✗',
  controlHolds: '!',
  undecided: '?',
  notJudged: '–',
  notRun: '○',
  notBuilt: '·',
  running: '▸',
  complete: '■',
  interrupted: '‖',
  damaged: '!',
}

function Badge({ kind, text }: { readonly kind: keyof typeof signs; readonly text: string }) {
  return (
    <span class={`badge ${kind}`}>
      <span aria-hidden="true">{signs[kind]}</span> {text}
    </span>
  )
}

export function StateBadge({ state }: { readonly state: PaperState | Outcome }) {
  const t = useText()
  return <Badge kind={state} text={t(stateTexts[state])} />
}

export function VerdictBadge({ verdict }: { readonly verdict: Verdict }) {
  const t = useText()
  return <Badge kind={verdict} text={t(verdictTexts[verdict])} />
}

export function StatusBadge({ status }: { readonly status: RunCard['status'] }) {
  const t = useText()
  return <Badge kind={status} text={t(texts[status])} />
}
