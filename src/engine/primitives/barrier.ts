import type { Primitive } from '../graph/primitive.ts'
import type { Tensor } from '../tensor.ts'
import { apply, placesOf, spreadOver, withBatchAxis } from './define.ts'

interface Barrier {
  /** How many of the inputs are values; the others are only waited for. */
  readonly count: number
}

const countOf = (attributes: unknown): number => (attributes as Barrier).count

/**
 * Values as they are, but not before the tokens are there. What is computed of a value that has passed is another node than what is computed
 * of the value itself, so that equal expressions on both sides are computed twice.
 */
export const barrierPrimitive: Primitive = {
  name: 'barrier',
  kind: 'general',
  infer: (inputs, attributes) => inputs.slice(0, countOf(attributes)).map(({ shape, dtype }) => ({ shape, dtype })),
  evaluate: (inputs, attributes) => inputs.slice(0, countOf(attributes)),
  jvp({ inputs, attributes }, tangents) {
    const count = countOf(attributes)
    const moving = placesOf(tangents.slice(0, count), (t) => t !== null)
    if (moving.length === 0) return new Array<null>(count).fill(null)
    const passed = barrier(
      moving.map((i) => tangents[i]!),
      inputs.slice(count),
    )
    return spreadOver(count, moving, passed)
  },
  vjp: ({ inputs, attributes }, cotangents) => inputs.map((_, i) => (i < countOf(attributes) ? cotangents[i] : null)),
  batch: (inputs, batched, attributes, size) =>
    apply(
      barrierPrimitive,
      inputs.map((x, i) => (i < countOf(attributes) ? withBatchAxis(x, batched[i], size) : x)),
      attributes,
    ),
  /*
   * The runtime removes identities and merges equal nodes, but it cannot know that a computed shape is the old one: each value is reshaped,
   * without a copy, to its shape plus a zero that depends on the tokens. A model for others has no such thing: it only saves memory here.
   */
  lower(context, inputs, node) {
    const count = countOf(node.attributes)
    if (context.portable) return inputs.slice(0, count)
    const flags = inputs.slice(count).map((token, k) => {
      const flat = context.emit('Reshape', [token, context.integers(-1)])
      const first = context.emit('Slice', [flat, context.integers(0), context.integers(1), context.integers(0)])
      const number = node.inputs[count + k].dtype === 'float32' ? first : context.cast(first, 'float32')
      return context.cast(context.emit('Less', [number, number]), 'int64')
    })
    const zero = context.emit('ReduceSum', [context.emit('Concat', flags, { axis: 0 }), context.integers(0)], { keepdims: 0 })
    return inputs.slice(0, count).map((value, i) => {
      const shape = context.emit('Add', [context.integers(...node.inputs[i].shape), zero])
      return context.emit('Reshape', [value, shape], { allowzero: 1 })
    })
  },
}

/**
 * The values, once the tokens are computed.
 *
 * @example
 * const first = exp(ones([2]))
 * const [second] = barrier([ones([2])], [first]) // is not computed before `first` is
 */
export const barrier = (values: readonly Tensor[], tokens: readonly Tensor[]): Tensor[] =>
  apply(barrierPrimitive, [...values, ...tokens], { count: values.length })
