import type { LoweringContext } from '../compile/lower.ts'
import type { Aval, Node } from '../graph/node.ts'
import type { Derivative, Primitive } from '../graph/primitive.ts'
import { add, broadcastTo, concat, expandDims, mul, neg, reshape, slice, stack, sub, sum, zerosLike } from '../ops.ts'
import type { Tensor } from '../tensor.ts'
import { apply, referenceArray, shapeError, sumOf } from './define.ts'

/** Which entries of a head turn together: (p, p + r) or (2p, 2p + 1), where r is the number of pairs. */
type Pairs = { readonly pairs: 'half' | 'interleaved' }

const pairsOf = (attributes: unknown): Pairs['pairs'] => (attributes as Pairs).pairs

const turn = (x: Tensor, cos: Tensor, sin: Tensor, attributes: unknown): Tensor =>
  apply(rotaryPrimitive, [x, cos, sin], attributes as Pairs)[0]

/** Where the two entries of pair p stand. */
const placesOf = (pairs: Pairs['pairs'], p: number, r: number): [number, number] => (pairs === 'half' ? [p, p + r] : [2 * p, 2 * p + 1])

/** The first and the second entries of all pairs of x [n, h, t, w], [n, h, t, r] each. */
function pairedEntries(x: Tensor, r: number, pairs: Pairs['pairs']): [Tensor, Tensor] {
  if (pairs === 'half') return [slice(x, { axis: -1, end: r }), slice(x, { axis: -1, start: r, end: 2 * r })]
  const split = reshape(slice(x, { axis: -1, end: 2 * r }), [...x.shape.slice(0, -1), r, 2])
  return [0, 1].map((side) => reshape(slice(split, { axis: -1, start: side, end: side + 1 }), [...x.shape.slice(0, -1), r])) as [
    Tensor,
    Tensor,
  ]
}

/**
 * Rotary position embedding (Su et al. 2021): x [n, h, t, w], cos and sin [n, t, r] with 2 r ≤ w → x with its pairs (a, b) turned into
 * (a cos − b sin, b cos + a sin); entries beyond 2 r stay. It is linear in x, and for entries that turn in cos and sin together.
 */
export const rotaryPrimitive: Primitive = {
  name: 'rotary',
  kind: 'general',
  infer(inputs: readonly Aval[]) {
    const [x, cos, sin] = inputs
    const fits =
      x.shape.length === 4 &&
      cos.shape.length === 3 &&
      cos.shape.join() === sin.shape.join() &&
      cos.shape[0] === x.shape[0] &&
      cos.shape[1] === x.shape[2] &&
      2 * cos.shape[2] <= x.shape[3]
    if (!fits) throw shapeError('rotary', 'takes x [n, h, t, w] and twice [n, t, r] with 2 r ≤ w', inputs)
    return [x]
  },
  evaluate([x, cos, sin], attributes, [result]) {
    const y = referenceArray(result)
    const [n, h, t, w] = x.shape
    const r = cos.shape[2]
    y.data.set(x.data as Float64Array)
    for (let row = 0; row < n * h * t; row++) {
      const angles = (Math.floor(row / (h * t)) * t + (row % t)) * r
      for (let p = 0; p < r; p++) {
        const [i, j] = placesOf(pairsOf(attributes), p, r)
        const [a, b] = [x.data[row * w + i], x.data[row * w + j]]
        const [c, s] = [cos.data[angles + p], sin.data[angles + p]]
        y.data[row * w + i] = a * c - b * s
        y.data[row * w + j] = b * c + a * s
      }
    }
    return [y]
  },
  jvp({ inputs: [x, cos, sin], attributes }, [tx, tc, ts]) {
    const along = tx && turn(tx, cos, sin, attributes)
    const angles = tc || ts ? turning(x, tc ?? zerosLike(cos), ts ?? zerosLike(sin), pairsOf(attributes)) : null
    return [sumOf([along, angles])]
  },
  vjp({ inputs: [x, cos, sin], attributes }, [ct], wanted): Derivative[] {
    if (ct === null) return [null, null, null]
    // The inverse of a turn is the turn back.
    const back = wanted[0] ? turn(ct, cos, neg(sin), attributes) : null
    if (!wanted[1] && !wanted[2]) return [back, null, null]
    const r = cos.shape[2]
    const [[a, b], [u, v]] = [x, ct].map((y) => pairedEntries(y, r, pairsOf(attributes)))
    const overHeads = (y: Tensor) => sum(y, { axes: [1] })
    return [back, overHeads(add(mul(u, a), mul(v, b))), overHeads(sub(mul(v, a), mul(u, b)))]
  },
  batch(inputs, batched, attributes, size) {
    const folded = inputs.map((input, i) => {
      const all = batched[i] ? input : broadcastTo(expandDims(input, 0), [size, ...input.shape])
      return reshape(all, [size * all.shape[1], ...all.shape.slice(2)])
    })
    const turned = apply(rotaryPrimitive, folded, attributes)[0]
    return [reshape(turned, [size, turned.shape[0] / size, ...turned.shape.slice(1)])]
  },
  lower(context, names, node) {
    const [x, cos] = node.inputs
    const isWhole = 2 * cos.shape[2] === x.shape[3]
    const isEmpty = [...x.shape, ...cos.shape].includes(0)
    if (x.dtype === 'float32' && isWhole && !isEmpty && !context.portable) return [lowerWhole(context, names, node)]
    return [lowerInSteps(context, names, node)]
  },
}

/** With a = x's first and b its second entries: (a dc − b ds, b dc + a ds), and 0 for entries that stay. */
function turning(x: Tensor, dc: Tensor, ds: Tensor, pairs: Pairs['pairs']): Tensor {
  const r = dc.shape[2]
  const [a, b] = pairedEntries(x, r, pairs)
  const [c, s] = [dc, ds].map((y) => expandDims(y, 1))
  const [u, v] = [sub(mul(a, c), mul(b, s)), add(mul(b, c), mul(a, s))]
  const turned = pairs === 'half' ? concat([u, v], { axis: -1 }) : reshape(stack([u, v], { axis: -1 }), [...x.shape.slice(0, -1), 2 * r])
  const rest = x.shape[3] - 2 * r
  return rest === 0 ? turned : concat([turned, zerosLike(slice(x, { axis: -1, start: 2 * r }))], { axis: -1 })
}

/**
 * One operator of the runtime's, which looks angles up by position: here each token has a position of its own. They are counted by the graph and are no
 * constant of it, so that a graph with open axes can have them.
 */
function lowerWhole(context: LoweringContext, [x, cos, sin]: readonly string[], node: Node): string {
  const r = node.inputs[1].shape[2]
  const number = (value: number) => context.emit('Squeeze', [context.integers(value)])
  const rows = context.emit('Shape', [cos], { start: 0, end: 2 })
  const count = context.emit('ReduceProd', [rows], { keepdims: 0 })
  const places = context.emit('Reshape', [context.emit('Range', [number(0), count, number(1)]), rows])
  const tables = [cos, sin].map((name) => context.emit('Reshape', [name, context.integers(-1, r)]))
  const interleaved = Number(pairsOf(node.attributes) === 'interleaved')
  return context.emit('RotaryEmbedding', [x, places, ...tables], { interleaved }, 'com.microsoft')
}

function lowerInSteps(context: LoweringContext, [x, cos, sin]: readonly string[], node: Node): string {
  const [n, h, t, w] = node.inputs[0].shape
  const r = node.inputs[1].shape[2]
  const pairs = pairsOf(node.attributes)
  const cut = (name: string, from: number, to: number, axis: number) =>
    context.emit('Slice', [name, ...[from, to, axis].map((k) => context.integers(k))])
  const part = (from: number, to: number) => cut(x, from, to, 3)
  const shaped = pairs === 'half' ? undefined : context.emit('Reshape', [part(0, 2 * r), context.integers(n, h, t, r, 2)])
  const entries = (side: number) =>
    shaped === undefined
      ? part(side * r, (side + 1) * r)
      : context.emit('Reshape', [cut(shaped, side, side + 1, 4), context.integers(n, h, t, r)])
  const [a, b] = [entries(0), entries(1)]
  const [c, s] = [cos, sin].map((name) => context.emit('Unsqueeze', [name, context.integers(1)]))
  const product = (left: string, right: string) => context.emit('Mul', [left, right])
  const first = context.emit('Sub', [product(a, c), product(b, s)])
  const second = context.emit('Add', [product(b, c), product(a, s)])
  const joined = (names: readonly string[], axis: number) => context.emit('Concat', names, { axis })
  const last = context.integers(-1)
  const turned =
    pairs === 'half'
      ? joined([first, second], 3)
      : context.emit('Reshape', [
          joined(
            [first, second].map((name) => context.emit('Unsqueeze', [name, last])),
            4,
          ),
          context.integers(n, h, t, 2 * r),
        ])
  return 2 * r === w ? turned : joined([turned, part(2 * r, w)], 3)
}
