import {
  add,
  compileStep,
  concat,
  div,
  evaluate,
  fromArray,
  grad,
  jit,
  less,
  matmul,
  mul,
  type NDArray,
  ndarray,
  norm,
  ones,
  scalar,
  sizeOf,
  sqrt,
  square,
  sub,
  sum,
  swapLast,
  type Tensor,
  where,
  zipTrees,
} from '../../engine/index.ts'
import { crossEntropy, type LayeredParams } from '../../nn/index.ts'
import type { Classifier, Examples } from './classifier.ts'
import { prox, type Regularizer } from './regularizer.ts'

export interface MinimizeOptions {
  readonly model: Classifier
  readonly regularizer: Regularizer
  readonly examples: Examples
  readonly start: LayeredParams
  readonly iterations: number
  progress(done: number, total: number): Promise<void>
}

interface MinimizeState {
  readonly params: LayeredParams
  readonly point: LayeredParams
  readonly inertia: Tensor
}

/**
 * The minimiser of a convex F = mean loss + ψ over all examples, by FISTA (Beck & Teboulle 2009) with the gradient restart of O'Donoghue &
 * Candès (2015): the independent truth that the optimizers are held against.
 */
export async function minimize(options: MinimizeOptions): Promise<LayeredParams> {
  const { model, regularizer, examples, iterations } = options
  const stepSize = 1 / (await softmaxCurvature(examples.x))
  const [x, y] = [fromArray(examples.x), fromArray(examples.y)]
  const objective = (params: LayeredParams) => crossEntropy(model.apply(params, x), y)
  const step = compileStep(({ params, point, inertia }: MinimizeState) => {
    const gradient = grad(objective)(point)
    const next = prox(
      regularizer,
      zipTrees<LayeredParams>([point, gradient], (w: Tensor, g: Tensor) => sub(w, mul(g, stepSize))),
      stepSize,
    )
    // Restart where the momentum points uphill: ⟨point − next, next − params⟩ > 0.
    const agreement = dotTrees([point, next], [next, params])
    const uphill = less(0, agreement)
    const grown = div(add(1, sqrt(add(1, mul(square(inertia), 4)))), 2)
    const factor = where(uphill, scalar(0), div(sub(inertia, 1), grown))
    return {
      state: {
        params: next,
        point: zipTrees<LayeredParams>([next, params], (a: Tensor, b: Tensor) => add(a, mul(sub(a, b), factor))),
        inertia: where(uphill, scalar(1), grown),
      },
      output: {},
    }
  })
  let state: MinimizeState = { params: options.start, point: options.start, inertia: scalar(1) }
  for (let i = 0; i < iterations; i++) {
    state = (await step(state)).state
    await options.progress(i + 1, iterations)
  }
  return state.params
}

/** ⟨a − b, c − d⟩ over all leaves. */
function dotTrees([a, b]: readonly LayeredParams[], [c, d]: readonly LayeredParams[]): Tensor {
  let total = scalar(0)
  zipTrees([a, b, c, d], (a: Tensor, b: Tensor, c: Tensor, d: Tensor) => {
    total = add(total, sum(mul(sub(a, b), sub(c, d))))
  })
  return total
}

/** An upper bound of the curvature of softmax regression on x: half the largest eigenvalue of (1, x)ᵀ(1, x)/n, by the power method, plus 5 %. */
async function softmaxCurvature({ shape: [n, ...rest], data }: NDArray): Promise<number> {
  const width = sizeOf(rest)
  const x = concat([ones([n, 1]), fromArray(ndarray(data, [n, width], 'float32'))], { axis: 1 })
  const multiply = jit((v: Tensor) => div(matmul(swapLast(x), matmul(x, v)), n))
  let v = ones([width + 1, 1])
  let largest = 0
  for (let i = 0; i < 50; i++) {
    const next = await evaluate(multiply(v))
    largest = await norm(next).item()
    v = div(next, largest)
  }
  return 0.5 * 1.05 * largest
}
