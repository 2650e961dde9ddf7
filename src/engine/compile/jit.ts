import { InputError } from '../errors.ts'
import { replaceTensors, tensorsOf, trace } from '../graph/trace.ts'
import { CompiledFunction, call } from './call.ts'
import { BySignature } from './signature.ts'

/**
 * The same function, traced once for each signature (structure, shapes, dtypes and non-tensor arguments) and compiled once. Inside another
 * transformation it is traced through, so any nesting works. `fn` must depend on its arguments only, and not ask for values.
 *
 * @example
 * const step = jit(valueAndGrad((w: Tensor) => sum(square(w))))
 * const { value } = step(tensor([1, 2])) // traced and compiled here, and only called for further arguments of this shape
 * await value.item() // 5
 */
export function jit<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => R {
  const traces = new BySignature<{ compiled: CompiledFunction; result: R }>('jit', fn)
  return (...args) => {
    const tensors = tensorsOf(args)
    if (tensors.some((x) => x.node.traced)) return fn(...args)
    const { compiled, result } = traces.get(args, (cause) => {
      const traced = trace(fn as never, args)
      if (traced.result instanceof Promise)
        throw new InputError('jit: the function must not be async', { fix: 'ask for values outside of it' })
      return { compiled: new CompiledFunction(traced, cause), result: traced.result as R }
    })
    return replaceTensors<R>(result, call(compiled, tensors))
  }
}
