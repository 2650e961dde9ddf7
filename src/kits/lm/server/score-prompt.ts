import type { Alternative } from '../generate/generation.ts'
import { compiled, read } from '../generate/rows.ts'
import { largestOf } from '../generate/sample.ts'
import type { LanguageModel } from '../model.ts'
import type { ScoredToken } from './served-model.ts'

/** Tokens whose logits there are at a time. */
const mostScored = 128

/** A prompt's tokens with their log probabilities given those before them, and the most probable ones in their places. The first has none. */
export async function scorePrompt(
  model: LanguageModel,
  ids: readonly number[],
  { alternatives, signal }: { readonly alternatives: number; readonly signal: AbortSignal },
): Promise<ScoredToken[]> {
  signal.throwIfAborted()
  const ready = await compiled(model)
  const { width } = ready.config
  const { top } = await read(ready, [ids])
  const scored: ScoredToken[] = [{ id: ids[0], text: model.tokenizer.decode([ids[0]]) }]
  for (let from = 0; from < ids.length - 1; from += mostScored) {
    signal.throwIfAborted()
    const to = Math.min(from + mostScored, ids.length - 1)
    const { logits, normalizers } = await ready.network.score(top.slice(from * width, to * width))
    const size = logits.length / (to - from)
    for (let row = 0; row < to - from; row++) {
      const own = logits.subarray(row * size, (row + 1) * size)
      const described = (id: number): Alternative => ({ id, text: model.tokenizer.decode([id]), logprob: own[id] - normalizers[row] })
      scored.push({
        ...described(ids[from + row + 1]),
        ...(alternatives > 0 && { alternatives: largestOf(own, alternatives).map(described) }),
      })
    }
  }
  return scored
}
