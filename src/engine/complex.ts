import { atan2, cos, sub as minus, neg, div as over, add as plus, sin, sqrt, square, mul as times } from './ops.ts'
import type { TensorLike } from './primitives/define.ts'
import type { Tensor } from './tensor.ts'

/*
 * Complex numbers as pairs of real tensors: trees like any other, so that every transformation takes them.
 */

/** Real and imaginary parts, of one shape and dtype. */
export type Complex = { readonly re: Tensor; readonly im: Tensor }

/**
 * The sum.
 *
 * @example
 * const i = { re: scalar(0), im: scalar(1) }
 * await complex.add(i, i).im.item() // 2
 */
export const add = (a: Complex, b: Complex): Complex => ({ re: plus(a.re, b.re), im: plus(a.im, b.im) })

/**
 * The difference.
 *
 * @example
 * const i = { re: scalar(0), im: scalar(1) }
 * await complex.sub(i, i).im.item() // 0
 */
export const sub = (a: Complex, b: Complex): Complex => ({ re: minus(a.re, b.re), im: minus(a.im, b.im) })

/**
 * The product.
 *
 * @example
 * const i = { re: scalar(0), im: scalar(1) }
 * await complex.mul(i, i).re.item() // -1
 */
export const mul = (a: Complex, b: Complex): Complex => ({
  re: minus(times(a.re, b.re), times(a.im, b.im)),
  im: plus(times(a.re, b.im), times(a.im, b.re)),
})

/**
 * a / b; overflows where |b|² does.
 *
 * @example
 * const i = { re: scalar(0), im: scalar(1) }
 * await complex.div(i, i).re.item() // 1
 */
export const div = (a: Complex, b: Complex): Complex => {
  const size = squaredAbs(b)
  const { re, im } = mul(a, conj(b))
  return { re: over(re, size), im: over(im, size) }
}

/**
 * Both parts times a real factor.
 *
 * @example
 * const i = { re: scalar(0), im: scalar(1) }
 * await complex.scale(i, 3).im.item() // 3
 */
export const scale = (a: Complex, factor: TensorLike): Complex => ({ re: times(a.re, factor), im: times(a.im, factor) })

/**
 * The conjugate.
 *
 * @example
 * const i = { re: scalar(0), im: scalar(1) }
 * await complex.conj(i).im.item() // -1
 */
export const conj = (a: Complex): Complex => ({ re: a.re, im: neg(a.im) })

/**
 * |a|²
 *
 * @example
 * await complex.squaredAbs({ re: tensor([3]), im: tensor([4]) }).array() // [25]
 */
export const squaredAbs = (a: Complex): Tensor => plus(square(a.re), square(a.im))

/**
 * |a|; overflows where |a|² does, and has no derivative at 0.
 *
 * @example
 * await complex.abs({ re: tensor([3]), im: tensor([4]) }).array() // [5]
 */
export const abs = (a: Complex): Tensor => sqrt(squaredAbs(a))

/**
 * The angle, in (−π, π].
 *
 * @example
 * await complex.angle({ re: tensor([0]), im: tensor([1]) }).array() // [1.570796]
 */
export const angle = (a: Complex): Tensor => atan2(a.im, a.re)

/**
 * r·e^{iφ}
 *
 * @example
 * const i = complex.polar(scalar(1), scalar(Math.PI / 2))
 * await i.im.item() // 1
 */
export const polar = (r: Tensor, phi: Tensor): Complex => ({ re: times(r, cos(phi)), im: times(r, sin(phi)) })

/**
 * The same change of both parts, of one that works on tensors of any content: movement, sums.
 *
 * @example
 * const z = complex.both({ re: zeros([2, 3]), im: zeros([2, 3]) }, transpose)
 * z.im.shape // [3, 2]
 */
export const both = (a: Complex, change: (part: Tensor) => Tensor): Complex => ({ re: change(a.re), im: change(a.im) })
