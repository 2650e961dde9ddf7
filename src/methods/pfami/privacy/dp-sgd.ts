import { draws } from '../../../data/draws.ts'
import {
  add,
  div,
  evaluate,
  expandDims,
  fold,
  fromArray,
  grad,
  isTensor,
  jit,
  key as keyOf,
  leaves,
  mapTree,
  maximum,
  mul,
  type NDArray,
  ndarray,
  random,
  reshape,
  sizeOf,
  sqrt,
  square,
  sum,
  type Tensor,
  tensor,
  vmap,
  zerosLike,
  zipTrees,
} from '../../../engine/index.ts'
import { foldKey } from '../../../engine/threefry.ts'
import { type DiffusionConfig, errorsOf, modelNetwork, processOf } from '../../../kits/diffusion/index.ts'
import { adam } from '../../../optim/index.ts'
import { useKey } from '../noise.ts'
import type { Training } from './accountant.ts'

export interface DpRecipe extends Training {
  readonly learningRate: number
  /** Norm that each example's gradient is cut to. */
  readonly clip: number
}

/** Per-example gradients that are in memory at a time. */
const together = 16

interface Rows {
  readonly x: Tensor
  readonly eps: Tensor
  readonly signal: Tensor
  readonly noise: Tensor
  readonly condition: Tensor
  /** 0 for rows that fill the block up. */
  readonly used: Tensor
}

/**
 * DP-SGD (Abadi et al. 2016) on the denoising loss: every record is in a batch with probability `rate`, independently (which is what the accountant counts);
 * its gradient is cut to the norm `clip`; noise of deviation noise · clip is added to the sum, which is divided by the expected batch; Adam does the rest.
 *
 * @example
 * const process = { kind: 'discrete', steps: 1000, schedule: 'linear' } as const
 * const config = { network: { kind: 'mlp', width: 8, hidden: [8] }, process, predict: 'eps', shape: [4] } as const
 * const x = await random.normal(key(1), [20, 4]).ndarray()
 * const trainer = dpTrainer(config, { noise: 1, rate: 0.3, steps: 1, clip: 1, learningRate: 1e-3 }, x, 0)
 * const { state } = await trainer.step(trainer.start(), 0)
 */
export function dpTrainer(config: DiffusionConfig, recipe: DpRecipe, x: NDArray, seed: number) {
  const network = modelNetwork(config)
  const process = processOf(config.process)
  const [n, ...shape] = x.shape
  const expected = recipe.rate * n
  const size = sizeOf(shape)
  const optimizer = adam({ learningRate: recipe.learningRate })
  const gradientOfOne = grad((params: unknown, { x, eps, signal, noise, condition }: Omit<Rows, 'used'>) => {
    const one = (value: Tensor) => expandDims(value, 0)
    const noisy = { x0: one(x), eps: one(eps), level: { signal: one(signal), noise: one(noise), condition: one(condition) } }
    return sum(errorsOf(config, network, params, noisy))
  })
  const clippedSum = jit((params: unknown, { used, ...rows }: Rows) => {
    const each = vmap((own: typeof rows) => gradientOfOne(params, own))(rows)
    const squares = leaves(each)
      .filter(isTensor)
      .map((g) => sum(reshape(square(g), [g.shape[0], -1]), { axes: [1] }))
    const norm = sqrt(squares.reduce((a, b) => add(a, b)))
    const factor = mul(used, div(recipe.clip, maximum(norm, recipe.clip)))
    return mapTree(each, (g) => sum(mul(g as Tensor, reshape(factor, [-1, ...(g as Tensor).shape.slice(1).map(() => 1)])), { axes: [0] }))
  })
  const addTrees = jit((a: unknown, b: unknown) => zipTrees([a, b], (p: Tensor, q: Tensor) => add(p, q)))
  const update = jit((state: { params: unknown; optimizer: unknown }, total: unknown, key: Tensor) => {
    let index = 0
    const gradients = mapTree(total, (g) => {
      const noise = random.normal(fold(key, index++), (g as Tensor).shape)
      return div(add(g as Tensor, mul(noise, recipe.noise * recipe.clip)), expected)
    })
    const next = optimizer.update({ gradients, state: state.optimizer as never, params: state.params })
    return { params: next.params, optimizer: next.state as unknown }
  })
  const root = useKey(seed, 'losses')

  /** Rows of the records that step k has drawn, in blocks. */
  const blocksOf = (k: number): Rows[] => {
    const from = draws(foldKey(foldKey(root, 0x6470), k))
    const chosen = Array.from({ length: n }, (_, i) => i).filter(() => from.uniform() < recipe.rate)
    return Array.from({ length: Math.ceil(chosen.length / together) }, (_, b) => {
      const own = chosen.slice(b * together, (b + 1) * together)
      const levels = Array.from({ length: together }, () => process.at(process.atShare(from.uniform())))
      const [data, eps] = [new Float32Array(together * size), new Float32Array(together * size)]
      for (const [i, row] of own.entries()) data.set(x.data.subarray(row * size, (row + 1) * size) as Float32Array, i * size)
      for (let i = 0; i < eps.length; i++) eps[i] = from.normal()
      const column = (name: 'signal' | 'noise' | 'condition') => tensor(Float32Array.from(levels, (level) => level[name]))
      const block = (values: Float32Array) => fromArray(ndarray(values, [together, ...shape], 'float32'))
      const used = tensor(Float32Array.from({ length: together }, (_, i) => Number(i < own.length)))
      return { x: block(data), eps: block(eps), signal: column('signal'), noise: column('noise'), condition: column('condition'), used }
    })
  }

  return {
    start() {
      const params = network.init(keyOf(seed))
      return { params, optimizer: optimizer.init(params) as unknown }
    },
    async step(state: { params: unknown; optimizer: unknown }, k: number) {
      let total: unknown = mapTree(state.params, (p) => (isTensor(p) ? zerosLike(p) : p))
      for (const block of blocksOf(k)) total = addTrees(total, clippedSum(state.params, block))
      // What is not evaluated would hold the sums of all steps until somebody asks for the last one.
      const next = await evaluate(update(state, total, fold(keyOf(seed), k + 1)))
      return { state: next as { params: unknown; optimizer: unknown }, loss: Number.NaN }
    },
  }
}
