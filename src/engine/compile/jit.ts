import { InputError } from '../errors.ts'
import { attributeKey } from '../graph/node.ts'
import { replaceTensors, tensorsOf, trace } from '../graph/trace.ts'
import { isTensor } from '../tensor.ts'
import { leavesWithPaths } from '../tree.ts'
import { CompiledFunction, call } from './call.ts'

/** What a trace depends on: structure, shapes, dtypes, and whatever is not a tensor, by value. */
export const signatureOf = (args: readonly unknown[]): string =>
  leavesWithPaths(args)
    .map(([path, leaf]) => `${path}=${isTensor(leaf) ? `${leaf.dtype}[${leaf.shape}]` : attributeKey(leaf)}`)
    .join(';')

/**
 * The same function, traced once for each signature (structure, shapes, dtypes and non-tensor arguments) and compiled once. Inside another
 * transformation it is traced through, so any nesting works. `fn` must depend on its arguments only, and not ask for values.
 *
 * @example
 * const step = jit(valueAndGrad(loss))
 * const { value, gradient } = step(params, x, y)
 */
export function jit<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => R {
  const traces = new Map<string, { compiled: CompiledFunction; result: R }>()
  return (...args) => {
    const tensors = tensorsOf(args)
    if (tensors.some((x) => x.node.traced)) return fn(...args)
    const signature = signatureOf(args)
    let known = traces.get(signature)
    if (!known) {
      const traced = trace(fn as never, args)
      if (traced.result instanceof Promise)
        throw new InputError('jit: the function must not be async', { fix: 'ask for values outside of it' })
      known = { compiled: new CompiledFunction(traced), result: traced.result as R }
      traces.set(signature, known)
    }
    return replaceTensors<R>(known.result, call(known.compiled, tensors))
  }
}
