import type { LoweringContext } from '../compile/lower.ts'
import type { DType } from '../dtype.ts'

/*
 * Functions that the runtime lacks at some dtype, from those it has.
 */

const twoOverSqrtPi = 2 / Math.sqrt(Math.PI)

/** Beyond this, erf rounds to ±1 in float64. */
const erfSaturation = 6

/** Terms that the series below needs to reach float64 accuracy at |x| = 6. */
const erfTerms = 150

/**
 * erf(x) = (2/√π)·x·e^(−x²)·Σ (2x²)ⁿ/(2n+1)!!  (Abramowitz & Stegun 7.1.6). All terms are positive, so nothing cancels.
 */
export function erfReference(x: number): number {
  if (Math.abs(x) > erfSaturation) return Math.sign(x)
  let term = 1
  let total = 1
  for (let n = 1; term > total * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    total += term
  }
  return twoOverSqrtPi * x * Math.exp(-x * x) * total
}

/** The runtime's Erf is float32 only; float64 evaluates the same series as the reference, by Horner's rule. */
export function emitErf(context: LoweringContext, x: string, dtype: DType): string {
  if (dtype === 'float32') return context.emit('Erf', [x])
  const number = (value: number) => context.scalar(value, dtype)
  const clamped = context.emit('Max', [context.emit('Min', [x, number(erfSaturation)]), number(-erfSaturation)])
  const squared = context.emit('Mul', [clamped, clamped])
  let total = number(1)
  for (let n = erfTerms; n >= 1; n--) {
    const ratio = context.emit('Mul', [squared, number(2 / (2 * n + 1))])
    total = context.emit('Add', [context.emit('Mul', [ratio, total]), number(1)])
  }
  const front = context.emit('Mul', [
    context.emit('Mul', [clamped, number(twoOverSqrtPi)]),
    context.emit('Exp', [context.emit('Neg', [squared])]),
  ])
  return context.emit('Mul', [front, total])
}

/** With u = fl(1 + x), log(u)·x/(u − 1) cancels the rounding of u (Kahan); where u = 1, log1p(x) = x. At infinity log(u) itself. */
export function emitLog1p(context: LoweringContext, x: string, dtype: DType): string {
  const one = context.scalar(1, dtype)
  const u = context.emit('Add', [x, one])
  const correction = context.emit('Div', [x, context.emit('Sub', [u, one])])
  const logarithm = context.emit('Log', [u])
  const accurate = context.emit('Where', [context.emit('Less', [x, one]), context.emit('Mul', [logarithm, correction]), logarithm])
  return context.emit('Where', [context.emit('Equal', [u, one]), x, accurate])
}

/** With u = fl(eˣ), (u − 1)·x/log(u) cancels the rounding of u (Kahan); used where |x| < 1, elsewhere u − 1 is accurate. */
export function emitExpm1(context: LoweringContext, x: string, dtype: DType): string {
  const one = context.scalar(1, dtype)
  const u = context.emit('Exp', [x])
  const difference = context.emit('Sub', [u, one])
  const accurate = context.emit('Mul', [difference, context.emit('Div', [x, context.emit('Log', [u])])])
  const small = context.emit('Where', [context.emit('Equal', [u, one]), x, accurate])
  return context.emit('Where', [context.emit('Less', [context.emit('Abs', [x]), one]), small, difference])
}
