import {
  type ArrayFunction,
  add,
  arrayFunction,
  cast,
  clip,
  evaluate,
  exp,
  less,
  logicalOr,
  mul,
  scalar,
  sub,
  sum,
  type Tensor,
  zeros,
} from '../../../engine/index.ts'
import type { Denoiser, Estimate } from '../denoiser.ts'

/** What serves some of a denoiser's times. */
export type Served = ReturnType<Denoiser['at']>

/** What decides the graph, beside the network. */
export interface Form {
  /** Of one example. */
  readonly shape: readonly number[]
  readonly rows: number
  /** Of the bounds that estimates are clipped to, where they are: [] or that of one example. */
  readonly bounds?: readonly number[]
  /** The label that stands for "none", of a model with classes. */
  readonly none?: number
  readonly guided: boolean
  /** Whether the noise grows with the share of the variance. */
  readonly learned?: boolean
}

/** What a move is computed from. */
export interface MoveInputs<T> {
  /** [rows, ...shape] */
  readonly x: T
  readonly w: T
  /** [rows] each. */
  readonly signal: T
  readonly noise: T
  readonly condition: T
  /** Of x ← a·x + b·x̂₀ + c·w; scalars. */
  readonly a: T
  readonly b: T
  readonly c: T
  /** int32 [rows] */
  readonly label?: T
  readonly guidance?: T
  readonly low?: T
  readonly high?: T
  /** Scalar, of a `Move`. */
  readonly growth?: T
}

const compiled = new WeakMap<Served, Map<string, Promise<ArrayFunction>>>()

/** The move as a compiled function of `MoveInputs`, in their order: the next x, and how many values of each row's x̂₀ were clipped. Once for each network and form. */
export function compiledMove(served: Served, form: Form): Promise<ArrayFunction> {
  return remembered(compiled, served, JSON.stringify(form), async () => {
    const params = await evaluate(served.params)
    return arrayFunction((inputs: MoveInputs<Tensor>) => moved(params, served, form, inputs), [inputsLike(form)], 'a sampling step')
  })
}

/** What `make` made for an object and a name the first time. */
export function remembered<K extends object, V>(known: WeakMap<K, Map<string, V>>, object: K, name: string, make: () => V): V {
  const made = known.get(object) ?? new Map<string, V>()
  known.set(object, made)
  if (!made.has(name)) made.set(name, make())
  return made.get(name)!
}

function moved(params: unknown, served: Served, form: Form, inputs: MoveInputs<Tensor>): Tensor[] {
  const { x, w, a, b, c, low, high, growth } = inputs
  const { x0, varianceShare } = guidedEstimate(params, served, form, inputs)
  const axes = form.shape.map((_, i) => i + 1)
  const outside = form.bounds ? cast(logicalOr(less(x0, low!), less(high!, x0)), 'float32') : zeros(x.shape)
  const kept = form.bounds ? clip(x0, low!, high!) : x0
  const deviation = growth ? mul(c, exp(mul(growth, varianceShare!))) : c
  return [add(add(mul(a, x), mul(b, kept)), mul(deviation, w)), sum(outside, { axes })]
}

/** With classifier-free guidance w: (1 + w) · conditional − w · unconditional. */
export function guidedEstimate(
  params: unknown,
  { estimate }: Served,
  { rows, none, guided }: Form,
  { x, signal, noise, condition, label, guidance }: Pick<MoveInputs<Tensor>, 'x' | 'signal' | 'noise' | 'condition' | 'label' | 'guidance'>,
): Estimate {
  const level = { signal, noise, condition }
  const conditional = estimate(params, x, level, label && { label })
  if (!guided) return conditional
  const unconditional = estimate(params, x, level, { label: add(zeros([rows], 'int32'), none!) })
  const both = (of: (estimate: Estimate) => Tensor): Tensor => add(of(conditional), mul(guidance!, sub(of(conditional), of(unconditional))))
  return { ...conditional, x0: both(({ x0 }) => x0), eps: both(({ eps }) => eps), score: both(({ score }) => score) }
}

/** Tensors of the shapes of the inputs. */
export function inputsLike({ shape, rows, bounds, none, guided, learned }: Form): MoveInputs<Tensor> {
  const [state, row] = [zeros([rows, ...shape]), zeros([rows])]
  return {
    x: state,
    w: state,
    signal: row,
    noise: row,
    condition: row,
    a: scalar(0),
    b: scalar(0),
    c: scalar(0),
    ...(none !== undefined && { label: zeros([rows], 'int32') }),
    ...(guided && { guidance: scalar(0) }),
    ...(bounds && { low: zeros(bounds), high: zeros(bounds) }),
    ...(learned && { growth: scalar(0) }),
  }
}
