import type { DecoderConfig } from '../../kits/lm/config.ts'
import { streamScorer } from '../../kits/lm/evaluate.ts'
import type { TokenStream } from '../../kits/lm/mixture.ts'
import type { DecoderParams } from '../../kits/lm/params.ts'
import { newLanguages } from './curriculum.ts'

export type DomainBits = Readonly<Record<string, number>>

/** Bits per byte of every domain; with `windows`, of only so many from its beginning. */
export function domainScorer(config: DecoderConfig, { context, batch }: { context: number; batch: number }) {
  const score = streamScorer(config, { context, batch })
  return async (
    params: DecoderParams,
    texts: Readonly<Record<string, TokenStream>>,
    windows = Number.POSITIVE_INFINITY,
  ): Promise<DomainBits> => {
    const found: Record<string, number> = {}
    for (const [domain, text] of Object.entries(texts)) {
      const { bits, tokens } = await score(params, text.subarray(0, Math.min(text.length, windows * context + 1)))
      found[domain] = bits / tokens
    }
    return found
  }
}

/** The mean over the languages that the base did not know. */
export const newMean = (bits: DomainBits): number => newLanguages.reduce((sum, domain) => sum + bits[domain], 0) / newLanguages.length

/** `eng` → `bpbEng`: names of measurements. */
export const named = (prefix: string, bits: DomainBits): Record<string, number> =>
  Object.fromEntries(Object.entries(bits).map(([domain, value]) => [`${prefix}${domain[0].toUpperCase()}${domain.slice(1)}`, value]))
