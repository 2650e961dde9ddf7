import { mapTree, random, type Tensor } from '../../../engine/index.ts'
import { type DecoderParams, type LinearPlace, type LowRank, linearAt } from '../params.ts'
import type { Adapter, MapAdapter } from './adapter.ts'
import { layerPrefix, prefixOf } from './prefix.ts'
import { promptOf } from './prompt.ts'

export interface AdapterUse {
  /** uint32 [2], in training only: decides what dropout leaves out. */
  readonly key?: Tensor
}

/**
 * The model with an adapter beside its weights, which are neither changed nor copied: leave the call out, and the adapter is off. Several adapters are put
 * on one after another.
 *
 * @example
 * const config = llamaConfig({ ...sizes.nano })
 * const base = { config, params: initDecoder(config, key(0)) }
 * const adapter = initAdapter({ kind: 'ia3' }, base, key(1))
 * forward(config, withAdapter(base.params, adapter), { ids: tensor([[1, 2, 3]], { dtype: 'int32' }) }).shape // [1, 3, 260]
 */
export function withAdapter(base: DecoderParams, adapter: Adapter, { key }: AdapterUse = {}): DecoderParams {
  const { maps = [], embedding, prompt, prefix, tensors = {} } = adapter.params
  const params = mapTree<DecoderParams>(base, (leaf) => leaf)
  for (const [path, x] of Object.entries(tensors)) put(params, path, x)
  const drop = dropoutOf(adapter, key)
  maps.forEach((places, layer) => {
    for (const [place, part] of Object.entries(places) as [LinearPlace, MapAdapter][])
      Object.assign(linearAt(params.blocks[layer], place)!, part.lora ? { lora: drop(part.lora) } : part)
  })
  if (embedding) params.embedding.lora = embedding
  if (prompt) params.prompt = promptOf(prompt)
  if (prefix) {
    const pairs = prefixOf(prefix)
    params.blocks.forEach((block, layer) => {
      block.attention.prefix = layerPrefix(pairs, layer)
    })
  }
  return params
}

/** Each map its own key. */
function dropoutOf({ config }: Adapter, key?: Tensor): (lora: LowRank) => LowRank {
  const rate = config.kind === 'lora' ? (config.dropout ?? 0.05) : 0
  if (!key || rate === 0) return (lora) => lora
  let count = 0
  return (lora) => ({ ...lora, dropout: { key: random.fold(key, count++), rate } })
}

/** Puts a tensor at a dotted path, below containers that are there. */
function put(tree: object, path: string, x: Tensor): void {
  const names = path.split('.')
  const last = names.pop()!
  const container = names.reduce<Record<string, unknown>>(
    (at, name) => at[name] as Record<string, unknown>,
    tree as Record<string, unknown>,
  )
  container[last] = x
}
