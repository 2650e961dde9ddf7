import {
  abs,
  argmax,
  argmin,
  clip,
  div,
  equal,
  key,
  matmul,
  max,
  maximum,
  min,
  mul,
  neg,
  norm,
  oneHot,
  pow,
  random,
  scalar,
  scan,
  scatterAdd,
  sign,
  sub,
  sum,
  swapLast,
  type Tensor,
  takeAlong,
  topK,
  where,
} from '../../engine/index.ts'
import * as linalg from '../../engine/linalg.ts'
import { boundedSum, onL1Ball, onLpBall, onSimplex } from './projections.ts'

export const setKinds = ['l1', 'l2', 'linf', 'lp', 'ksparse', 'simplex', 'nuclear', 'none'] as const
export type SetKind = (typeof setKinds)[number]

/** A convex set of vectors [n] (matrices [m, n] for `nuclear`) at radius 1; at radius R everything is R times as large. */
export interface UnitSet {
  /** argmin over the set of ⟨s, g⟩; the set's centre where g is 0 and every point is a minimizer. */
  minimize(g: Tensor): Tensor
  /** By how much x is outside: 0 or less inside. A scalar. */
  excess(x: Tensor): Tensor
  /** The nearest point of the set. */
  project(x: Tensor): Tensor
  /** The largest ℓ2 distance between two points. */
  readonly diameter: number
}

/** 0 where the divisor is. */
const quotient = (a: Tensor, b: Tensor): Tensor => where(equal(b, 0), scalar(0, a.dtype), div(a, where(equal(b, 0), scalar(1, b.dtype), b)))

const size = (x: Tensor): Tensor => norm(x)

export const l1: UnitSet = {
  minimize: (g) => mul(oneHot(argmax(abs(g)), g.shape[0], g.dtype), neg(sign(g))),
  excess: (x) => sub(sum(abs(x)), 1),
  project: onL1Ball,
  diameter: 2,
}

export const l2: UnitSet = {
  minimize: (g) => neg(quotient(g, size(g))),
  excess: (x) => sub(size(x), 1),
  project: (x) => div(x, maximum(size(x), 1)),
  diameter: 2,
}

export const linf = (n: number): UnitSet => ({
  minimize: (g) => neg(sign(g)),
  excess: (x) => sub(max(abs(x)), 1),
  project: (x) => clip(x, -1, 1),
  diameter: 2 * Math.sqrt(n),
})

/** ‖x‖_p ≤ 1 for 1 < p < ∞. */
export const lp = (n: number, p: number): UnitSet => ({
  minimize(g) {
    // |s| is |g|^(q − 1), to scale; taken of g over its largest entry, so that no power overflows.
    const direction = pow(quotient(abs(g), max(abs(g))), 1 / (p - 1))
    return neg(mul(sign(g), quotient(direction, lpNorm(direction, p))))
  },
  excess: (x) => sub(lpNorm(x, p), 1),
  project: (x) => onLpBall(x, p),
  diameter: 2 * n ** Math.max(0, 1 / 2 - 1 / p),
})

const lpNorm = (x: Tensor, p: number): Tensor => pow(sum(pow(abs(x), p)), 1 / p)

/** ‖x‖₁ ≤ k and ‖x‖_∞ ≤ 1: the convex hull of the vectors with k entries of ±1. */
export const ksparse = (n: number, k: number): UnitSet => ({
  minimize(g) {
    const { indices } = topK(abs(g), k)
    return scatterAdd(neg(sign(takeAlong(g, indices))), indices, { extent: n })
  },
  excess: (x) => sub(maximum(max(abs(x)), div(sum(abs(x)), k)), 1),
  project: (x) => mul(sign(x), boundedSum(abs(x), k)),
  diameter: 2 * Math.sqrt(k),
})

/** x ≥ 0 with sum 1. */
export const simplex: UnitSet = {
  minimize: (g) => oneHot(argmin(g), g.shape[0], g.dtype),
  excess: (x) => maximum(abs(sub(sum(x), 1)), neg(min(x))),
  project: onSimplex,
  diameter: Math.SQRT2,
}

/** Matrices [m, n] whose singular values sum to at most 1. */
export const nuclear: UnitSet = {
  minimize(g) {
    const { u, v } = topSingularPair(g)
    return neg(matmul(u, swapLast(v)))
  },
  excess: (x) => sub(sum(linalg.svd(x).s), 1),
  project(x) {
    const { u, s, v } = linalg.svd(x)
    return matmul(mul(u, onL1Ball(s)), swapLast(v))
  },
  diameter: 2,
}

/** Products with G and Gᵀ; ⟨s, g⟩ is then within a few percent of its minimum, whatever the spectrum, and mostly far closer. */
const powerIterations = 64

/** Unit vectors u [m, 1] and v [n, 1] of the largest singular value, by power iteration from a fixed start; zero where g is. */
function topSingularPair(g: Tensor): { u: Tensor; v: Tensor } {
  const unit = (x: Tensor) => quotient(x, size(x))
  const scaled = quotient(g, max(abs(g)))
  const start = unit(random.normal(key(0), [g.shape[1], 1], { dtype: g.dtype }))
  const step = (v: Tensor) => ({ carry: unit(matmul(swapLast(scaled), matmul(scaled, v))), output: {} })
  const v = scan(step, start, {}, { length: powerIterations }).carry
  return { u: unit(matmul(scaled, v)), v }
}
