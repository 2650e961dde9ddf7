import { sizeOf } from '../src/engine/array.ts'
import type { Attributes } from '../src/engine/graph/node.ts'
import { tensor } from '../src/engine/index.ts'
import type { Program, Step } from './program.ts'

/** mulberry32: numbers in [0, 1) from a seed. */
export function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Defined and smooth for every number, and slow to grow, so that compositions stay within float64's range. */
const curves = ['sin', 'cos', 'tanh', 'sigmoid', 'softplus', 'gelu', 'erf', 'atan', 'asinh']

/** A composition of 4 to 12 primitives on one or two matrices. */
export function randomProgram(seed: number): Program {
  const random = generator(seed + 1)
  const below = (n: number) => Math.floor(random() * n)
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]
  const shapes: number[][] = Array.from({ length: 1 + below(2) }, () => [1 + below(3), 1 + below(4)])
  const inputs = shapes.map((shape) =>
    tensor(
      Float64Array.from({ length: sizeOf(shape) }, () => 4 * random() - 2),
      { shape },
    ),
  )
  const steps: Step[] = []
  const push = (op: string, from: readonly number[], attributes: Attributes, shape: number[]) => {
    steps.push({ op, inputs: from, attributes })
    shapes.push(shape)
  }
  const matrices = () => shapes.flatMap(({ length }, i) => (length === 2 ? [i] : []))
  const any = () => (random() < 0.5 ? matrices().at(-1)! : pick(matrices()))

  const moves: (() => void)[] = [
    () => {
      const x = any()
      push(pick(curves), [x], {}, shapes[x])
    },
    () => {
      const x = any()
      push(pick(['add', 'sub', 'mul']), [x, pick(shapes.flatMap((shape, i) => (`${shape}` === `${shapes[x]}` ? [i] : [])))], {}, shapes[x])
    },
    () => {
      const x = any()
      const transposed = shapes.length
      push('transpose', [x], { permutation: [1, 0] }, shapes[x].toReversed())
      push('matmul', [x, transposed], {}, [shapes[x][0], shapes[x][0]])
      push('tanh', [shapes.length - 1], {}, shapes.at(-1)!)
    },
    () => {
      const x = any()
      push(pick(['softmax', 'logSoftmax']), [x], { axis: below(2) }, shapes[x])
    },
    () => {
      const x = any()
      push('standardize', [x], { epsilon: 0.1 }, shapes[x])
      shapes.push([shapes[x][0], 1]) // it has two results
    },
    () => {
      const x = any()
      push('cumsum', [x], { axis: below(2), reverse: random() < 0.5 }, shapes[x])
    },
    () => {
      const x = any()
      const [rows, columns] = shapes[x]
      const reduced = shapes.length
      push('sum', [x], { axes: [1] }, [rows])
      push('reshape', [reduced], { shape: [rows, 1] }, [rows, 1])
      push('broadcastTo', [reduced + 1], { shape: [rows, columns] }, [rows, columns])
    },
    () => {
      const x = any()
      push('concat', [x, x], { axis: 0 }, [2 * shapes[x][0], shapes[x][1]])
      push('slice', [shapes.length - 1], { starts: [1, 0], ends: [shapes[x][0] + 1, shapes[x][1]], steps: [1, 1] }, shapes[x])
    },
    () => {
      const x = any()
      push('flip', [x], { axes: [below(2)] }, shapes[x])
    },
  ]
  const count = 4 + below(9)
  for (let i = 0; i < count; i++) pick(moves)()
  return { name: 'composition', inputs, steps, outputs: [matrices().at(-1)!], derivatives: 2, active: [...inputs.keys()] }
}
