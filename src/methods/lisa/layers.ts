import { InputError } from '../../engine/index.ts'

/** Names of parameters in the models that are known, and where the number of the block stands in them. */
const known: readonly { readonly pattern: RegExp; readonly name: string }[] = [
  { pattern: /^blocks\.(\d+)\./, name: 'blocks.N' },
  { pattern: /^model\.layers\.(\d+)\./, name: 'model.layers.N' },
  { pattern: /^(?:transformer\.)?h\.(\d+)\./, name: 'transformer.h.N' },
  { pattern: /^gpt_neox\.layers\.(\d+)\./, name: 'gpt_neox.layers.N' },
]

/** The block that a parameter belongs to, by its name; null for what is outside of the blocks. */
export type LayerOf = (name: string) => number | null

/**
 * How parameters of these names are numbered.
 *
 * @throws InputError where no name is of a known pattern.
 * @example
 * layerNaming(['blocks.0.norm1.gain', 'norm.gain'])('blocks.0.norm1.gain') // 0
 */
export function layerNaming(names: readonly string[]): LayerOf {
  const found = known.find(({ pattern }) => names.some((name) => pattern.test(name)))
  if (!found)
    throw new InputError(`no parameter is named after its block: ${names.slice(0, 3).join(', ')}, …`, {
      where: 'LISA',
      fix: `give layers, a function from a name to the block's number; known are ${known.map(({ name }) => name).join(', ')}`,
    })
  return (name) => {
    const number = found.pattern.exec(name)?.[1]
    return number === undefined ? null : Number(number)
  }
}
