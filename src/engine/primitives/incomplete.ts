import type { Attributes } from '../graph/node.ts'
import * as incomplete from '../kernels/incomplete.ts'
import type { Tensor } from '../tensor.ts'
import { apply, type Binary, elementwise, type Operation, type TensorLike } from './define.ts'
import { add, equal, exp, log, log1p, mul, neg, sub, where } from './elementwise.ts'
import { digamma, lgamma, logBeta, polygamma } from './functions.ts'

/*
 * The distribution functions of the gamma and beta distributions. Their derivatives by a shape are members of the same family, which an attribute
 * counts; their derivatives by x are derivatives of the density.
 */

/** Derivatives of each order by the one shape, or by each of two. */
const orderOf = ({ order = 0 }: Attributes): number => order as number
const ordersOf = ({ orders = [0, 0] }: Attributes): readonly [number, number] => orders as readonly [number, number]

/** factor·log x, and 0 where the factor is 0. */
const weighted = (factor: Tensor, logarithm: Tensor): Tensor => {
  const none = equal(factor, 0)
  return where(none, 0, mul(factor, where(none, 1, logarithm)))
}

const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k)

/** The derivative of order (p, q) of a density, over the density, from the derivatives of its logarithm (Faà di Bruno). */
function overDensity(logarithm: (i: number, j: number) => Tensor, p: number, q: number): Tensor | 1 {
  if (p + q === 0) return 1
  // The last step of the recursion is by the first variable where there is one: ∂E = E·∂L.
  const [ownP, ownQ] = p > 0 ? [p - 1, q] : [0, q - 1]
  const terms: Tensor[] = []
  for (let k = 0; k <= ownP; k++)
    for (let l = 0; l <= ownQ; l++) {
      const factor = choose(ownP, k) * choose(ownQ, l)
      terms.push(mul(mul(logarithm(p - k, q - l), overDensity(logarithm, k, l)), factor))
    }
  return terms.reduce((a, b) => add(a, b))
}

function gammaDensity(a: Tensor, x: Tensor, order: number): Tensor {
  const density = exp(sub(sub(weighted(sub(a, 1), log(x)), x), lgamma(a)))
  const ofLogarithm = (i: number) => (i === 1 ? sub(log(x), digamma(a)) : neg(polygamma(i - 1, a)))
  return mul(density, overDensity(ofLogarithm, order, 0))
}

/**
 * The regularized lower incomplete gamma function P(a, x), for a > 0 and x ≥ 0: the distribution function of the gamma distribution.
 *
 * @example
 * await gammainc(1, tensor([1])).array() // [0.632121]
 */
export const gammainc: Binary = elementwise<[a: Tensor, x: Tensor]>({
  name: 'gammainc',
  evaluate: (a, x) => incomplete.gammainc(a, x),
  member: (attributes) => (a, x) => incomplete.gammainc(a, x, orderOf(attributes)),
  derivative: [
    (t, a, x, _, attributes) => mul(t, shapeDerivative(a, x, orderOf(attributes) + 1)),
    (t, a, x, _, attributes) => mul(t, gammaDensity(a, x, orderOf(attributes))),
  ],
})

const shapeDerivative = (a: Tensor, x: Tensor, order: number): Tensor => apply(gammainc.primitive, [a, x], { order })[0]

/**
 * Q(a, x) = 1 − P(a, x), accurate where that is tiny.
 *
 * @example
 * await gammaincc(1, tensor([1])).array() // [0.367879]
 */
export const gammaincc: Binary = elementwise<[a: Tensor, x: Tensor]>({
  name: 'gammaincc',
  evaluate: incomplete.gammaincc,
  derivative: [(t, a, x) => neg(mul(t, shapeDerivative(a, x, 1))), (t, a, x) => neg(mul(t, gammaDensity(a, x, 0)))],
})

function betaDensity(a: Tensor, b: Tensor, x: Tensor, p: number, q: number): Tensor {
  const [logX, logRest] = [log(x), log1p(neg(x))]
  const density = exp(sub(add(weighted(sub(a, 1), logX), weighted(sub(b, 1), logRest)), logBeta(a, b)))
  const ofLogarithm = (i: number, j: number) => {
    const together = polygamma(i + j - 1, add(a, b))
    const own = i === 0 ? polygamma(j - 1, b) : j === 0 ? polygamma(i - 1, a) : undefined
    const rest = own ? sub(together, own) : together
    return i + j === 1 ? add(rest, i === 1 ? logX : logRest) : rest
  }
  return mul(density, overDensity(ofLogarithm, p, q))
}

/**
 * The regularized incomplete beta function I_x(a, b), for positive a and b and x in [0, 1]: the distribution function of the beta distribution.
 *
 * @example
 * await betainc(2, 2, tensor([0.5])).array() // [0.50000]
 */
export const betainc: Operation<[a: TensorLike, b: TensorLike, x: TensorLike]> = elementwise<[a: Tensor, b: Tensor, x: Tensor]>({
  name: 'betainc',
  evaluate: (a, b, x) => incomplete.betainc(a, b, x),
  member: (attributes) => (a, b, x) => incomplete.betainc(a, b, x, ...ordersOf(attributes)),
  derivative: [
    (t, a, b, x, _, attributes) => mul(t, shapesDerivative(a, b, x, ordersOf(attributes), [1, 0])),
    (t, a, b, x, _, attributes) => mul(t, shapesDerivative(a, b, x, ordersOf(attributes), [0, 1])),
    (t, a, b, x, _, attributes) => mul(t, betaDensity(a, b, x, ...ordersOf(attributes))),
  ],
})

const shapesDerivative = (a: Tensor, b: Tensor, x: Tensor, [p, q]: readonly [number, number], [i, j]: readonly [number, number]): Tensor =>
  apply(betainc.primitive, [a, b, x], { orders: [p + i, q + j] })[0]
