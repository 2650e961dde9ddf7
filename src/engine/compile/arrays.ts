import type { NDArray } from '../array.ts'
import type { Aval } from '../graph/node.ts'
import { type Graph, trace } from '../graph/trace.ts'
import { listing } from './order.ts'
import { compile, type Program } from './program.ts'
import { simplify } from './simplify.ts'

/**
 * A graph compiled to run on arrays that the caller owns: for programs that look after their own memory. It is compiled at its first run; graphs of equal
 * structure share their session. `arrayFunction` makes one.
 *
 * @example
 * arrayFunction((x: Tensor) => mul(x, 2), [zeros([2])], 'twice') instanceof ArrayFunction // true
 */
export class ArrayFunction {
  readonly graph: Graph
  readonly #what: string
  #program?: Promise<Program>

  /** `what`: its name in the report of what was compiled. */
  constructor(graph: Graph, what: string) {
    this.graph = graph
    this.#what = what
  }

  /** What it returns. */
  get results(): readonly Aval[] {
    return this.graph.outputs
  }

  /** Bytes of intermediate values at the worst moment of a run, beside arguments and results. */
  scratchBytes(): number {
    return listing({ parameters: this.graph.parameters, outputs: simplify(this.graph.outputs) }).bytes
  }

  /** Runs on arguments in the order of the graph's parameters. Result i is written into `into[i]` where given. */
  async run(args: readonly NDArray[], into?: readonly (NDArray | undefined)[]): Promise<NDArray[]> {
    this.#program ??= compile(this.graph, { what: this.#what, why: 'first call' })
    return (await this.#program).run(args, into)
  }
}

/**
 * A function of tensors on arrays. `args` are like what it will be given; their values do not matter.
 *
 * @example
 * const twice = arrayFunction((x: Tensor) => mul(x, 2), [zeros([2])], 'twice')
 * const [y] = await twice.run([ndarray(Float32Array.of(1, 2), [2], 'float32')])
 * y.data // Float32Array [2, 4]
 */
export const arrayFunction = <A extends unknown[]>(fn: (...args: A) => unknown, args: A, what: string): ArrayFunction =>
  new ArrayFunction(trace(fn as never, args), what)
