import {
  add,
  eye,
  hostCall,
  mapTree,
  matmul,
  mul,
  type NDArray,
  ndarray,
  slice,
  sub,
  swapLast,
  type Tensor,
  zeros,
  zipTrees,
} from '../../engine/index.ts'
import { svd } from '../../engine/kernels/spectra.ts'
import { type AdamOptions, adam, learningRateAt, type Optimizer, require } from '../../optim/index.ts'

export interface GaloreOptions extends Omit<AdamOptions, 'counters'> {
  /** Of the projection. */
  readonly rank: number
  /** Steps between two projections. */
  readonly interval?: number
  readonly scale?: number
}

interface GaloreState {
  step: Tensor
  /** Adam's, in the projected space. */
  inner: unknown
  /** Of each projected matrix, the orthonormal basis that its gradient is projected on; in order. */
  bases: Tensor[]
}

/** Matrices of the blocks that are larger than the rank are projected; embedding, head, norms and biases are not (Zhao et al. 2024, section 5). */
const isProjected = (path: string, { shape }: Tensor, rank: number): boolean =>
  shape.length === 2 && Math.min(...shape) > rank && !/^(embedding|head|norm)\./.test(path)

/** Whether the shorter side is that of the rows: it is the one that is projected. */
const isWide = ({ shape: [rows, columns] }: Tensor): boolean => rows <= columns

/**
 * GaLore (Zhao et al. 2024): Adam on gradients that are projected on their leading singular vectors, found anew every so many steps. Moments are as small
 * as LoRA's, weights are updated in full.
 *
 * @example
 * const optimizer = galore({ learningRate: 1e-3, rank: 16 })
 */
export function galore({ rank, interval = 200, scale = 0.25, weightDecay = 0, decays, ...options }: GaloreOptions): Optimizer<GaloreState> {
  require('galore', Number.isInteger(rank) && rank >= 1, `the rank is ${rank}`, 'give a whole number of at least 1')
  const inner = adam({ ...options, counters: 'each' }) as Optimizer<{ step: Tensor }>
  const projectedLike = (params: unknown) =>
    mapTree(params, (w: Tensor, path) => (isProjected(path, w, rank) ? zeros(isWide(w) ? [rank, w.shape[1]] : [w.shape[0], rank]) : w))
  return {
    name: 'galore',
    init(params) {
      const bases: Tensor[] = []
      mapTree(
        params,
        (w: Tensor, path) => isProjected(path, w, rank) && bases.push(slice(eye(Math.min(...w.shape)), { axis: 1, end: rank })),
      )
      const { step, ...rest } = inner.init(projectedLike(params))
      return { step, inner: rest, bases }
    },
    update({ gradients, state, params }) {
      const bases: Tensor[] = []
      const small = zipTrees([gradients, pathsOf(gradients)], (g: Tensor, path: string) => {
        if (!isProjected(path, g, rank)) return g
        const basis = basisOf(g, state.bases[bases.length], state.step, interval)
        bases.push(basis)
        return isWide(g) ? matmul(swapLast(basis), g) : matmul(g, basis)
      })
      const rate = learningRateAt(options.learningRate, state.step)
      const still = mapTree(small, (g: Tensor) => zeros(g.shape))
      // From zero parameters Adam's next parameters are its step.
      const next = inner.update({ gradients: small, state: { ...(state.inner as object), step: state.step }, params: still })
      let index = 0
      const moved = zipTrees([params, next.params, pathsOf(params)], (w: Tensor, move: Tensor, path: string) => {
        const decayed = weightDecay > 0 && (decays?.(path, w) ?? true) ? mul(w, sub(1, mul(rate, weightDecay))) : w
        if (!isProjected(path, w, rank)) return add(decayed, move)
        const basis = bases[index++]
        return add(decayed, mul(isWide(w) ? matmul(basis, move) : matmul(move, swapLast(basis)), scale))
      })
      const { step, ...rest } = next.state as { step: Tensor }
      return { params: moved as typeof params, state: { step, inner: rest, bases } }
    },
  }
}

const pathsOf = (tree: unknown): unknown => mapTree(tree, (_, path) => path)

/** The leading singular vectors of the gradient's shorter side, at the steps that find them anew; else the old ones. */
function basisOf(g: Tensor, old: Tensor, step: Tensor, interval: number): Tensor {
  const call = ([gradient, before, count]: readonly NDArray[]): NDArray[] => [
    count.data[0] % interval === 0 ? leading(gradient, before) : before,
  ]
  return hostCall(call, [g, old, step], { name: 'galore', results: [old] })[0]
}

function leading({ data, shape: [rows, columns] }: NDArray, { shape, dtype }: NDArray): NDArray {
  const { u, v } = svd(Float64Array.from(data), rows, columns)
  const all = rows <= columns ? u : v
  const [side, rank] = shape
  const values = Math.min(rows, columns)
  const kept = new Float32Array(side * rank)
  for (let i = 0; i < side; i++) for (let k = 0; k < rank; k++) kept[i * rank + k] = all[i * values + k]
  return ndarray(kept, shape, dtype)
}
