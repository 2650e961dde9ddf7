import { type NDArray, sizeOf } from '../array.ts'
import { isFloat } from '../dtype.ts'
import type { Attributes, Aval } from '../graph/node.ts'
import type { Derivative, Primitive, RuleContext } from '../graph/primitive.ts'
import { transposed } from './custom.ts'
import { alignExamples, apply, broadcastOffsets, broadcastShapes, placesOf, referenceArray, shapeError } from './define.ts'
import { refuseLowering } from './host.ts'

interface KernelSpec<A extends Attributes> {
  name: string
  /** The shapes of the results for one matrix of each input; undefined for shapes that it does not take. */
  results: (shapes: readonly (readonly number[])[], attributes: A) => readonly (readonly number[])[] | undefined
  /** What it takes, in words. */
  takes: string
  /** The computation, in float64: one matrix of each input, row-major, → the elements of each result. */
  compute: (matrices: readonly Float64Array[], shapes: readonly (readonly number[])[], attributes: A) => readonly ArrayLike<number>[]
  /**
   * The tangents of the results, linear in those of the inputs. Reverse mode is the transpose of this map, found by walking its graph
   * backwards; an operation whose rule applies the operation itself to a tangent has to state it.
   */
  tangents: (context: RuleContext, tangents: readonly Derivative[]) => readonly Derivative[]
  /** The indices of results that are integers (permutations). */
  integers?: readonly number[]
}

const coreOf = (x: Aval) => x.shape.slice(-2)
const leadingOf = (x: Aval) => x.shape.slice(0, -2)

/**
 * An operation on matrices over broadcast leading axes that runs on the host, in float64 whatever the dtype: the runtime has no kernels for
 * factorizations, and loops of graph nodes cost more per step than the whole computation does here.
 */
export function matrixKernel<A extends Attributes>(spec: KernelSpec<A>): Primitive {
  const { name } = spec
  const primitive: Primitive = {
    name,
    kind: 'general',
    infer(inputs, attributes) {
      const { dtype } = inputs[0]
      if (inputs.some((x) => !isFloat(x.dtype) || x.dtype !== dtype)) throw shapeError(name, 'takes floats of one dtype', inputs)
      const leading = broadcastShapes(inputs.map(leadingOf))
      const cores = inputs.every((x) => x.shape.length >= 2) ? spec.results(inputs.map(coreOf), attributes as A) : undefined
      if (!cores) throw shapeError(name, `takes ${spec.takes}`, inputs)
      if (!leading) throw shapeError(name, 'leading axes do not broadcast', inputs)
      return cores.map((core, i) => ({ shape: [...leading, ...core], dtype: spec.integers?.includes(i) ? 'int32' : dtype }))
    },
    evaluate(inputs, attributes, avals) {
      const outputs = avals.map(referenceArray)
      const shapes = inputs.map(coreOf)
      const leading = broadcastShapes(inputs.map(leadingOf))!
      const offsets = inputs.map((x) => broadcastOffsets(leadingOf(x), leading))
      for (let place = 0; place < sizeOf(leading); place++) {
        const matrices = inputs.map((x, i) => matrixAt(x, offsets[i][place]))
        spec.compute(matrices, shapes, attributes as A).forEach((result, i) => {
          outputs[i].data.set(result, place * result.length)
        })
      }
      return outputs
    },
    jvp: spec.tangents,
    vjp: ({ attributes, ...values }, cotangents, wanted) =>
      transposed(
        (call, tangents) => spec.tangents({ ...call, attributes }, tangents),
        values,
        cotangents,
        placesOf(wanted, (flag) => flag),
      ),
    batch: (inputs, batched, attributes) => apply(primitive, alignExamples(inputs, batched), attributes),
    onHost: true,
    lower: refuseLowering,
  }
  return primitive
}

function matrixAt(x: NDArray, index: number): Float64Array {
  const size = sizeOf(coreOf(x))
  return Float64Array.from(x.data.subarray(index * size, (index + 1) * size))
}
