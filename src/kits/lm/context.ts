import { InputError } from '../../engine/index.ts'
import type { DecoderConfig } from './config.ts'

/**
 * Looks at whether a model can be trained on windows of so many tokens. Learned positions end somewhere; rotary ones go on, which is said: what the model
 * makes of them it has not learned yet.
 *
 * @throws InputError for more tokens than there are learned positions.
 * @example
 * requireContext(llamaConfig({ ...sizes.tiny, context: 64 }), 128, { where: '--context', log: console.log })
 */
export function requireContext(
  { context, positions }: Pick<DecoderConfig, 'context' | 'positions'>,
  length: number,
  { where, log }: { readonly where: string; log(line: string): void },
): void {
  if (length <= context) return
  if (positions.kind === 'learned')
    throw new InputError(`windows of ${length} tokens, and the model has learned positions for ${context}`, {
      where,
      fix: `give ${context} or less`,
    })
  log(`warning: windows of ${length} tokens are longer than the ${context} that the model was made for`)
}
