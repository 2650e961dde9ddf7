import { gather, InputError, mapTree, type Tensor, tensor } from '../../../engine/index.ts'
import type { DiffusionModel } from '../denoiser.ts'
import type { NetworkConfig } from '../network.ts'
import { gcd } from '../networks/residual-block.ts'
import { entriesOf, type Prunable, prunableOf } from './prunable.ts'

/**
 * A smaller model that has only the units kept: for each of `prunableOf`, in its order, the indices of what stays, ascending. A U-Net's norms keep their
 * statistics as far as they can: whole groups that go leave the others as they were; where as many go from each group, all groups stay; else the groups
 * become the greatest common divisor of what there was and what is left.
 *
 * @throws InputError for another number of lists, an empty one, or indices that are not there.
 * @example
 * const network = { kind: 'mlp' as const, width: 8, hidden: [6] }
 * const params = networkOf(network, [4]).init(key(0))
 * const model = { config: { network, process: { kind: 'vp' as const, betas: [0.1, 20] as const }, predict: 'eps' as const, shape: [4] }, params }
 * prune(model, [[0, 2, 5]]).config.network // { kind: 'mlp', width: 8, hidden: [3] }
 */
export function prune<P>(model: DiffusionModel<P>, keep: readonly (readonly number[])[]): DiffusionModel<P> {
  const { network, shape } = model.config
  const parts = prunableOf(network, shape)
  if (keep.length !== parts.length)
    throw new InputError(`prune: ${keep.length} lists of units to keep, but there are ${parts.length} places to prune`)
  const cuts = new Map<string, (x: Tensor) => Tensor>()
  parts.forEach((part, i) => {
    checkKept(part, keep[i])
    if (keep[i].length === part.units) return
    for (const place of part.places) {
      const entries = tensor(Int32Array.from(entriesOf(place, keep[i], part.units)))
      cuts.set(place.path, (x) => gather(x, entries, { axis: place.axis }))
    }
  })
  const params = mapTree<P>(model.params, (leaf: Tensor, path) => {
    const cut = cuts.get(path)
    cuts.delete(path)
    return cut ? cut(leaf) : leaf
  })
  // Of a layer that is passed over in silence nobody would learn.
  if (cuts.size > 0) throw new InputError(`prune: the model has no parameter '${[...cuts.keys()][0]}', which its config promises`)
  return { ...model, config: { ...model.config, network: smaller(network, parts, keep) }, params }
}

function checkKept({ block, kind, units }: Prunable, keep: readonly number[]): void {
  const where = `prune: ${kind} of ${block}`
  if (keep.length === 0) throw new InputError('at least one unit must stay', { where })
  keep.forEach((unit, i) => {
    if (!Number.isInteger(unit) || unit < 0 || unit >= units)
      throw new InputError(`there is no unit ${unit}, there are ${units}`, { where })
    if (i > 0 && unit <= keep[i - 1]) throw new InputError('the units to keep do not ascend', { where })
  })
}

function smaller(network: NetworkConfig, parts: readonly Prunable[], keep: readonly (readonly number[])[]): NetworkConfig {
  const left = (kind: Prunable['kind']) => keep.filter((_, i) => parts[i].kind === kind).map(({ length }) => length)
  if (network.kind === 'mlp') return { ...network, hidden: left('hidden') }
  if (network.kind === 'attention') return { ...network, hidden: left('hidden'), blockHeads: left('heads') }
  return { ...network, inner: left('inner'), innerGroups: parts.map((part, i) => groupsLeft(part, keep[i])) }
}

/** Groups of the norm over the channels that are kept. */
export function groupsLeft({ units, groups }: Pick<Prunable, 'units' | 'groups'>, keep: readonly number[]): number {
  const size = units / groups
  const counts = Array.from({ length: groups }, (_, group) => keep.filter((unit) => Math.floor(unit / size) === group).length)
  if (counts.every((count) => count === 0 || count === size)) return counts.filter((count) => count > 0).length
  if (counts.every((count) => count === counts[0])) return groups
  return gcd(groups, keep.length)
}
