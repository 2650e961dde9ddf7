import type { Alternative } from '../generate/generation.ts'
import type { ScoredToken } from './served-model.ts'

/** JSON knows no infinity; OpenAI writes this for what cannot come. */
const least = -9999

const finite = (logprob: number): number => Math.max(logprob, least)

const utf8 = new TextEncoder()

/** Null where the token is no whole text: its bytes are not known from its text. */
const bytesOf = (text: string): number[] | null => (text.includes('\ufffd') ? null : [...utf8.encode(text)])

const described = ({ text, logprob }: Alternative) => ({ token: text, logprob: finite(logprob), bytes: bytesOf(text) })

/** `logprobs` of a chat's choice. */
export const chatLogprobs = (tokens: readonly (Alternative & { readonly alternatives?: readonly Alternative[] })[]) => ({
  content: tokens.map((token) => ({ ...described(token), top_logprobs: (token.alternatives ?? []).map(described) })),
  refusal: null,
})

/** A token and where it stands in the text, in characters (code points). */
export type LocatedToken = ScoredToken & { readonly at: number }

/** `logprobs` of a completion's choice: lists of equal length. The first token of a prompt has no probability. */
export const completionLogprobs = (tokens: readonly LocatedToken[], alternatives: number) => ({
  tokens: tokens.map(({ text }) => text),
  token_logprobs: tokens.map(({ logprob }) => (logprob === undefined ? null : finite(logprob))),
  top_logprobs: alternatives === 0 ? null : tokens.map(byText),
  text_offset: tokens.map(({ at }) => at),
})

/** The most probable tokens and the one that came. Of tokens with the same text, as parts of characters have, the most probable stands. */
function byText({ text, logprob, alternatives = [] }: LocatedToken): Record<string, number> | null {
  if (logprob === undefined) return null
  const table = new Map<string, number>()
  for (const other of alternatives) if (!table.has(other.text)) table.set(other.text, finite(other.logprob))
  if (!table.has(text)) table.set(text, finite(logprob))
  return Object.fromEntries(table)
}
