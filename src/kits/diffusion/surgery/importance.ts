import { abs, add, evaluate, InputError, leavesWithPaths, moveAxis, mul, reshape, square, sum, type Tensor } from '../../../engine/index.ts'
import type { DiffusionModel } from '../denoiser.ts'
import { type Place, type Prunable, prunableOf } from './prunable.ts'

/** Sums over all entries of each unit [units]. */
function perUnit(x: Tensor, { axis, parts = 1, extent = 1 }: Place, units: number): Tensor {
  return sum(reshape(moveAxis(x, axis, 0), [parts, units, extent, -1]), { axes: [0, 2, 3] })
}

const total = (scores: readonly Tensor[]): Tensor => scores.reduce((a, b) => add(a, b))

/**
 * How much each unit matters, for each of `prunableOf` in its order. `'magnitude'`: the squared norm of the weights that lead in times that of those that
 * lead out. With gradients of a loss: Σ |w · ∂L/∂w| over all parameters of the unit, what the loss would change by to first order (Molchanov et al. 2019).
 *
 * @example
 * const network = { kind: 'mlp' as const, width: 8, hidden: [6] }
 * const params = networkOf(network, [4]).init(key(0))
 * const model = { config: { network, process: { kind: 'vp' as const, betas: [0.1, 20] as const }, predict: 'eps' as const, shape: [4] }, params }
 * const [scores] = await importance(model, 'magnitude')
 * scores.length // 6
 */
export async function importance(model: DiffusionModel, by: 'magnitude' | { readonly gradients: unknown }): Promise<Float64Array[]> {
  const parts = prunableOf(model.config.network, model.config.shape)
  const params = tensorsByPath(model.params)
  const gradients = by === 'magnitude' ? undefined : tensorsByPath(by.gradients)
  const at = (tensors: ReadonlyMap<string, Tensor>, { path }: Place): Tensor => {
    const tensor = tensors.get(path)
    if (!tensor)
      throw new InputError(`importance: there is no parameter '${path}'`, {
        fix: 'give parameters and gradients of the network in the config',
      })
    return tensor
  }
  const scored = await evaluate(
    parts.map((part) =>
      gradients
        ? total(part.places.map((place) => perUnit(abs(mul(at(params, place), at(gradients, place))), place, part.units)))
        : product(part, (place) => at(params, place)),
    ),
  )
  return Promise.all(scored.map(async (scores) => Float64Array.from(await scores.data())))
}

function product({ places, units }: Prunable, at: (place: Place) => Tensor): Tensor {
  const norm = (way: Place['way']) =>
    total(places.filter((place) => place.way === way).map((place) => perUnit(square(at(place)), place, units)))
  return mul(norm('in'), norm('out'))
}

const tensorsByPath = (tree: unknown): Map<string, Tensor> => new Map(leavesWithPaths(tree) as [string, Tensor][])

/**
 * The indices of the `count` largest scores, ascending; of equal ones the first. With `groups` as many from each group of neighbours, so that a group norm
 * keeps its groups.
 *
 * @throws InputError where there are not so many, or groups do not divide them.
 * @example
 * keepLargest([3, 1, 2, 5], 2) // [0, 3]
 * keepLargest([3, 1, 2, 5], 2, 2) // [0, 3]
 * keepLargest([9, 8, 1, 2], 2, 2) // [0, 3]
 */
export function keepLargest(scores: ArrayLike<number>, count: number, groups = 1): number[] {
  if (!Number.isInteger(count) || count < 1 || count > scores.length)
    throw new InputError(`keepLargest: ${count} of ${scores.length} units cannot be kept`)
  if (count % groups !== 0 || scores.length % groups !== 0)
    throw new InputError(`keepLargest: ${groups} groups divide not both ${count} and ${scores.length}`)
  const size = scores.length / groups
  return Array.from({ length: groups }, (_, group) => {
    const members = Array.from({ length: size }, (_, k) => group * size + k)
    return members
      .sort((a, b) => scores[b] - scores[a] || a - b)
      .slice(0, count / groups)
      .sort((a, b) => a - b)
  }).flat()
}
