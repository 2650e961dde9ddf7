import { verdictTexts } from '../../../experiment/report/messages.ts'
import type { Text } from '../../../experiment/text.ts'
import type { Outcome } from '../../../experiment/verdict/judgement.ts'
import type { Verdict } from '../../../experiment/verdict/verdict.ts'
import type { PaperState, RunCard } from '../../api.ts'
import { stateTexts, texts } from '../../texts.ts'
import { useText } from '../language/use-language.tsx'

/** A sign as well as a colour: colour alone says nothing to those who do not see it. */
const signs: Readonly<Record<string, string>> = {
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
} satisfies Record<PaperState | RunCard['status'], string>

/** A word of another version stands as it is. */
function Badge({ kind, words }: { readonly kind: string; readonly words: Readonly<Record<string, Text>> }) {
  const t = useText()
  return (
    <span class={`badge ${kind}`}>
      <span aria-hidden="true">{Object.hasOwn(signs, kind) ? signs[kind] : '?'}</span> {Object.hasOwn(words, kind) ? t(words[kind]) : kind}
    </span>
  )
}

export const StateBadge = ({ state }: { readonly state: PaperState | Outcome }) => <Badge kind={state} words={stateTexts} />

export const VerdictBadge = ({ verdict }: { readonly verdict: Verdict }) => <Badge kind={verdict} words={verdictTexts} />

export const StatusBadge = ({ status }: { readonly status: RunCard['status'] }) => <Badge kind={status} words={texts} />
