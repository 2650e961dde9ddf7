import { InputError } from '../../engine/index.ts'
import type { DecoderConfig } from '../../kits/lm/config.ts'

/** Tokens a window: those that were asked for, or 128, or what the model holds if that is less. @throws InputError for more than it holds. */
export function windowOf(asked: number | undefined, { context }: DecoderConfig): number {
  if (asked !== undefined && asked > context)
    throw new InputError(`the model holds ${context} tokens`, { where: `--context ${asked}`, fix: `give --context ${context} or less` })
  return asked ?? Math.min(128, context)
}
