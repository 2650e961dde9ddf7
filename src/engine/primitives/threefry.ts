import { ndarray, sizeOf } from '../array.ts'
import type { LoweringContext } from '../compile/lower.ts'
import { allocate } from '../dtype.ts'
import type { Primitive } from '../graph/primitive.ts'
import { threefryBlock } from '../threefry.ts'
import { alignExamples, apply, broadcastOffsets, broadcastShapes, shapeError } from './define.ts'

/*
 * Threefry-2x32 with 20 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011), as ordinary integer nodes, so that every
 * runtime gives the same bits as the host.
 */

const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
]
const parity = 0x1bd11bda

type Tag = { readonly tag: number }

/** key [..., 2] and counters [..., n], both uint32, → [..., n, 2]: two random words for each counter (counter, tag). */
export const threefryPrimitive: Primitive = {
  name: 'threefry',
  kind: 'general',
  infer([key, counters]) {
    const leading = broadcastShapes([key.shape.slice(0, -1), counters.shape.slice(0, -1)])
    const legal = key.dtype === 'uint32' && counters.dtype === 'uint32' && key.shape.at(-1) === 2 && counters.shape.length > 0 && leading
    if (!legal) throw shapeError('threefry', 'takes a uint32 key [..., 2] and uint32 counters [..., n]', [key, counters])
    return [{ shape: [...leading, counters.shape.at(-1)!, 2], dtype: 'uint32' }]
  },
  evaluate([key, counters], attributes, [{ shape }]) {
    const data = allocate('uint32', sizeOf(shape))
    const count = shape.at(-2)!
    const leading = shape.slice(0, -2)
    const [keys, lines] = [key, counters].map((x) => broadcastOffsets(x.shape.slice(0, -1), leading))
    for (let s = 0; s < keys.length; s++) {
      const k = 2 * keys[s]
      const c = count * lines[s]
      for (let i = 0; i < count; i++) {
        threefryBlock(key.data[k], key.data[k + 1], counters.data[c + i], (attributes as Tag).tag, data as Uint32Array, 2 * (s * count + i))
      }
    }
    return [ndarray(data, shape, 'uint32')]
  },
  jvp: () => [null],
  vjp: () => [null, null],
  batch: (inputs, batched, attributes) => apply(threefryPrimitive, alignExamples(inputs, batched), attributes),
  lower: (context, [key, counters], node) => [emitThreefry(context, key, counters, node.inputs[0].shape, (node.attributes as Tag).tag)],
}

function emitThreefry(context: LoweringContext, key: string, counters: string, keyShape: readonly number[], tag: number): string {
  const word = (value: number) => context.constant(ndarray(Uint32Array.of(value), [1], 'uint32'))
  const add = (a: string, b: string) => context.emit('Add', [a, b])
  const xor = (a: string, b: string) => context.emit('BitwiseXor', [a, b])
  const shift = (x: string, by: number, direction: string) => context.emit('BitShift', [x, word(by)], { direction })
  const axis = keyShape.length - 1
  const part = (i: number) => context.emit('Slice', [key, context.integers(i), context.integers(i + 1), context.integers(axis)])
  const keys = [part(0), part(1)]
  keys.push(xor(xor(keys[0], keys[1]), word(parity)))

  let x0 = add(counters, keys[0])
  let x1 = add(context.emit('Expand', [word(tag), context.emit('Shape', [x0])]), keys[1])
  for (let group = 0; group < 5; group++) {
    for (const rotation of rotations[group % 2]) {
      x0 = add(x0, x1)
      x1 = xor(context.emit('BitwiseOr', [shift(x1, rotation, 'LEFT'), shift(x1, 32 - rotation, 'RIGHT')]), x0)
    }
    x0 = add(x0, keys[(group + 1) % 3])
    x1 = add(add(x1, keys[(group + 2) % 3]), word(group + 1))
  }
  const columns = [x0, x1].map((x) => context.emit('Unsqueeze', [x, context.integers(-1)]))
  return context.emit('Concat', columns, { axis: -1 })
}
