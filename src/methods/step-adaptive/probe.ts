import { seedKey } from '../../data/draws.ts'
import { rows } from '../../data/index.ts'
import { evaluate, fromArray, InputError, jit, mean, type NDArray, ndarray, random, type Tensor, valueAndGrad } from '../../engine/index.ts'
import { foldKey } from '../../engine/threefry.ts'
import { type DiffusionModel, errorsOf, type LevelTensors, modelNetwork, processOf, type TrainingData } from '../../kits/diffusion/index.ts'
import { toArrays } from '../../train/index.ts'

/** Loss and gradient of a base model on one part of the times. */
export interface Probe {
  readonly from: number
  readonly to: number
  readonly loss: number
  /** By the paths of the parameters. */
  readonly gradients: Readonly<Record<string, NDArray>>
}

export interface ProbeOptions {
  /** Training examples that each part is measured on; their times are spread evenly over it. Default: 512. */
  readonly examples?: number
  readonly seed?: number
}

/** What noise and examples of a probe are drawn for. */
const probeUse = 0x70726f62

/**
 * The mean training loss of a model on each of some parts of the times, and its gradient: what grouping by loss or gradients, Taylor importances and the
 * question whether steps conflict at all are computed from. Only training data are looked at.
 *
 * @example
 * import { initModel } from 'quire/diffusion'
 *
 * const config = {
 *   network: { kind: 'mlp', width: 8, hidden: [8, 8] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'eps',
 *   shape: [2],
 * } as const
 * const x = await random.normal(key(1), [64, 2]).ndarray()
 * const [early, late] = await probe(initModel(config, key(0)), { x }, [{ from: 1, to: 51 }, { from: 51, to: 101 }])
 * early.loss > 0 && late.loss > 0 // true
 */
export async function probe(
  { config, params, centre }: DiffusionModel,
  data: TrainingData,
  parts: readonly { readonly from: number; readonly to: number }[],
  { examples = 512, seed = 0 }: ProbeOptions = {},
): Promise<Probe[]> {
  const process = processOf(config.process)
  const network = modelNetwork(config)
  const count = Math.min(examples, data.x.shape[0])
  const lossOf = (params: unknown, { x, eps, ...level }: ProbeBatch) => mean(errorsOf(config, network, params, { x0: x, eps, level }))
  const step = jit((params: unknown, batch: ProbeBatch) => valueAndGrad(lossOf)(params, batch))
  const x = fromArray(
    centred(
      rows(
        { x: data.x },
        Array.from({ length: count }, (_, i) => Math.floor((i * data.x.shape[0]) / count)),
      ).x,
      centre,
    ),
  )
  const found: Probe[] = []
  for (const [i, { from, to }] of parts.entries()) {
    const [low, high] = [process.shareBelow(from), process.shareBelow(to)]
    // In the order of the golden ratio, so that neighbouring examples have times from all over the part.
    const levels = Array.from({ length: count }, (_, k) => process.at(process.atShare(low + (high - low) * ((k * goldenRatio) % 1))))
    const row = (of: 'signal' | 'noise' | 'condition') =>
      fromArray(
        ndarray(
          Float32Array.from(levels, (level) => level[of]),
          [count],
          'float32',
        ),
      )
    const eps = random.normal(fromArray(ndarray(Uint32Array.from(foldKey(seedKey(seed, probeUse), i)), [2], 'uint32')), x.shape)
    const batch = { x, eps: await evaluate(eps), signal: row('signal'), noise: row('noise'), condition: row('condition') }
    const { value, gradient } = await evaluate(step(params, batch))
    found.push({ from, to, loss: await value.item(), gradients: await toArrays(gradient) })
  }
  return found
}

interface ProbeBatch extends LevelTensors {
  readonly x: Tensor
  readonly eps: Tensor
}

const goldenRatio = (Math.sqrt(5) - 1) / 2

const centred = (x: NDArray, centre: NDArray | undefined): NDArray =>
  centre
    ? ndarray(
        Float32Array.from(x.data, (value, i) => value - centre.data[i % centre.data.length]),
        x.shape,
        'float32',
      )
    : x

/**
 * Cosines between the gradients of all parameters, [parts][parts].
 *
 * @example
 * const along = { w: await tensor([1, 0]).ndarray() }
 * const across = { w: await tensor([0, 2]).ndarray() }
 * gradientCosines([{ gradients: along }, { gradients: across }])[0][1] // 0
 */
export function gradientCosines(probes: readonly Pick<Probe, 'gradients'>[]): Float64Array[] {
  const dot = (a: Probe['gradients'], b: Probe['gradients']) =>
    Object.entries(a).reduce((total, [path, { data }]) => {
      const other = b[path].data
      let sum = 0
      for (let i = 0; i < data.length; i++) sum += data[i] * other[i]
      return total + sum
    }, 0)
  const norms = probes.map(({ gradients }) => Math.sqrt(dot(gradients, gradients)))
  if (norms.some((norm) => !(norm > 0))) throw new InputError('a gradient is zero or not finite: the base model cannot be probed')
  return probes.map((a, i) => Float64Array.from(probes, (b, j) => (i === j ? 1 : dot(a.gradients, b.gradients) / (norms[i] * norms[j]))))
}

/** Parts of a group whose loss is below this share of the largest are left out of Taylor importances (Fang et al. 2023, Diff-Pruning). */
const leastRelativeLoss = 0.05

/** The mean gradient over the parts that still have something to lose. */
export function taylorGradients(probes: readonly Probe[]): Record<string, NDArray> {
  const most = Math.max(...probes.map(({ loss }) => loss))
  const kept = probes.filter(({ loss }) => loss >= leastRelativeLoss * most)
  return Object.fromEntries(
    Object.entries(kept[0].gradients).map(([path, { shape }]) => {
      const sum = new Float32Array(kept[0].gradients[path].data.length)
      for (const { gradients } of kept) for (let i = 0; i < sum.length; i++) sum[i] += (gradients[path].data[i] as number) / kept.length
      return [path, ndarray(sum, shape, 'float32')]
    }),
  )
}

/** Parts of equal share of the times between two. */
export function equalParts(model: Pick<DiffusionModel, 'config'>, count: number, range?: { readonly from: number; readonly to: number }) {
  const process = processOf(model.config.process)
  const [low, high] = range ? [process.shareBelow(range.from), process.shareBelow(range.to)] : [0, 1]
  const end = range?.to ?? (process.config.kind === 'discrete' ? process.config.steps + 1 : process.times[1])
  const cut = (i: number) => (i === count ? end : process.atShare(low + ((high - low) * i) / count))
  return Array.from({ length: count }, (_, i) => ({ from: cut(i), to: cut(i + 1) }))
}
