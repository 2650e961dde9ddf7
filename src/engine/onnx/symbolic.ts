import { InputError } from '../errors.ts'
import type { Aval } from '../graph/node.ts'
import { type AttributeValue, isGraph, type OnnxGraph, type OnnxNode, type OnnxTensor, type OnnxValue } from './format.ts'

/*
 * A graph for some sizes, made into one for every size. The engine's shapes are numbers, so the function is traced at several sizes: what differs
 * between the graphs must be a list of int64 extents, each a sum of multiples of the open sizes, which is then computed from the inputs' own shapes.
 */

/** Primes that no real extent is likely to be, so that none is taken for an open size. */
const primes = [509, 521, 523, 541, 547, 557, 563, 569, 571, 577, 587, 593]

type Build = (avals: readonly Aval[]) => OnnxGraph

/** An input's shape; extents that are names stay open, and are equal wherever they have the same name. */
export interface OpenAval {
  readonly dtype: Aval['dtype']
  readonly shape: readonly (number | string)[]
}

/** The graph with a symbolic first axis on the inputs named in `batch`. @throws InputError where the function depends on the batch size. */
export function withSymbolicBatch(build: Build, examples: readonly Aval[], names: readonly string[], batch: readonly string[]): OnnxGraph {
  for (const name of batch) {
    const at = names.indexOf(name)
    if (at < 0) throw new InputError(`exportOnnx: no input is called '${name}'`, { fix: `there are ${names.join(', ')}` })
    if (examples[at].shape.length === 0) throw new InputError(`exportOnnx: input '${name}' is a scalar and has no batch axis`)
  }
  const inputs = examples.map(({ shape, dtype }, i) => ({
    dtype,
    shape: batch.includes(names[i]) ? [openBatch, ...shape.slice(1)] : shape,
  }))
  return withOpenAxes(build, inputs).graph
}

const openBatch = 'batch'

/** A graph with open axes, and the shapes of its outputs at given sizes of them. */
export interface OpenGraph {
  readonly graph: OnnxGraph
  /** The sizes that inputs of these shapes have. @throws InputError where they contradict each other or the graph. */
  sizesOf(shapes: readonly (readonly number[])[]): Sizes
  shapesAt(sizes: Sizes): number[][]
}

/** The graph with these axes open. @throws InputError where the function depends on an open size otherwise than by extents. */
export function withOpenAxes(build: Build, inputs: readonly OpenAval[]): OpenGraph {
  const axes = [...new Set(inputs.flatMap(({ shape }) => shape.filter((extent) => typeof extent === 'string')))]
  const trials = sizesFor(axes)
  const graphs = trials.map((sizes) =>
    build(
      inputs.map(({ shape, dtype }) => ({ dtype, shape: shape.map((extent) => (typeof extent === 'string' ? sizes[extent] : extent)) })),
    ),
  )
  const unifier = new Unifier(graphs, trials, sourcesOf(axes, inputs, graphs[0]))
  return { graph: unifier.graph(), sizesOf: (shapes) => sizesOf(inputs, shapes), shapesAt: (sizes) => unifier.shapesAt(sizes) }
}

/** The sizes of open axes by their names. */
export type Sizes = Readonly<Record<string, number>>

/** A first choice of sizes, one more for each axis with that axis changed, and one with all changed, on which what was found is checked. */
function sizesFor(axes: readonly string[]): Sizes[] {
  const unused = [...primes]
  const draw = (): Sizes => Object.fromEntries(axes.map((axis) => [axis, unused.shift()!]))
  const first = draw()
  const changed = draw()
  return [first, ...axes.map((axis) => ({ ...first, [axis]: changed[axis] })), draw()]
}

function sizesOf(inputs: readonly OpenAval[], shapes: readonly (readonly number[])[]): Sizes {
  const sizes: Record<string, number> = {}
  inputs.forEach(({ shape }, i) => {
    const given = shapes[i]
    const fits =
      given?.length === shape.length &&
      shape.every((extent, k) => given[k] === (typeof extent === 'string' ? (sizes[extent] ??= given[k]) : extent))
    if (!fits) throw new InputError(`input ${i} is [${given?.join(', ')}] where [${shape.join(', ')}] is expected`)
  })
  return sizes
}

/** Where the size of an axis can be read. */
interface Source {
  readonly input: string
  readonly axis: number
}

const sourcesOf = (axes: readonly string[], inputs: readonly OpenAval[], graph: OnnxGraph): Record<string, Source> =>
  Object.fromEntries(
    axes.map((axis) => {
      const at = inputs.findIndex(({ shape }) => shape.includes(axis))
      return [axis, { input: graph.inputs[at].name, axis: inputs[at].shape.indexOf(axis) }]
    }),
  )

/** An extent as a function of the open sizes: offset + Σ slope · size. */
interface Extent {
  readonly offset: number
  readonly slopes: readonly number[]
}

const refuse = (what: string): never => {
  throw new InputError(`exportOnnx: the batch size cannot stay open: ${what}`, {
    fix: 'leave `batch` out, or write the function without using the size of its first axis',
  })
}

class Unifier {
  readonly #graphs: readonly OnnxGraph[]
  readonly #trials: readonly Sizes[]
  readonly #sources: Readonly<Record<string, Source>>
  /** Nodes that compute extents from the sizes; they come first. */
  readonly #prelude: OnnxNode[] = []
  readonly #added = new Map<string, OnnxTensor>()
  /** For names of the first graph: theirs in each of the others. */
  readonly #aliases: Map<string, string>[]

  constructor(graphs: readonly OnnxGraph[], trials: readonly Sizes[], sources: Readonly<Record<string, Source>>) {
    this.#graphs = graphs
    this.#trials = trials
    this.#sources = sources
    this.#aliases = graphs.map(() => new Map())
  }

  graph(): OnnxGraph {
    const [first, ...others] = this.#graphs
    if (others.some(({ nodes }) => nodes.length !== first.nodes.length)) refuse('the graph has other operations at other sizes')
    for (const [k, other] of others.entries()) this.#match(first, other, this.#aliases[k])
    const initializers = first.initializers.filter((tensor) => !this.#isComputed(tensor))
    const values = (side: 'inputs' | 'outputs') =>
      first[side].map((value, i) =>
        this.#value(
          value,
          others.map((graph) => graph[side][i]),
        ),
      )
    return {
      ...first,
      inputs: values('inputs'),
      outputs: values('outputs'),
      nodes: [...this.#prelude, ...first.nodes],
      initializers: [...initializers, ...this.#added.values()],
    }
  }

  /** Finds which names mean the same in both graphs, from the outputs back. The order of nodes depends on what was traced before. */
  #match(first: OnnxGraph, other: OnnxGraph, aliases: Map<string, string>): void {
    const [here, there] = [producersOf(first), producersOf(other)]
    const pending = first.outputs.map(({ name }, i) => [name, other.outputs[i].name] as const)
    for (let pair = pending.pop(); pair; pair = pending.pop()) {
      const [name, alias] = pair
      const known = aliases.get(name)
      if (known === alias) continue
      const [node, twin] = [here.get(name), there.get(alias)]
      if (known !== undefined || !node !== !twin) refuse(`'${name}' is computed from other values at another size`)
      aliases.set(name, alias)
      if (!node || !twin) continue
      const same =
        node.type === twin.type &&
        node.inputs.length === twin.inputs.length &&
        node.outputs.indexOf(name) === twin.outputs.indexOf(alias) &&
        keyOf(node.attributes) === keyOf(twin.attributes)
      if (!same) refuse(`${node.type} is another operation at another size`)
      for (const [i, input] of node.inputs.entries()) pending.push([input, twin.inputs[i]])
    }
  }

  /** Whether a constant depends on the size; then the nodes that compute it are added, under its name. */
  #isComputed(tensor: OnnxTensor): boolean {
    const all = [tensor, ...this.#graphs.slice(1).map((graph, k) => this.#counterpart(tensor, graph, k))]
    if (all.every((other) => sameBytes(other.bytes, tensor.bytes))) return false
    const isList = tensor.dtype === 'int64' && tensor.shape.length === 1 && all.every((other) => other.bytes.length === tensor.bytes.length)
    if (!isList) refuse(`a constant ${tensor.dtype} [${tensor.shape.join(', ')}] depends on it, as in a mean over the batch`)
    const lists = all.map(integersOf)
    const extents = lists[0].map((_, i) => this.#extent(lists.map((list) => list[i])) ?? refuse('an extent is not a multiple of it'))
    this.#compute(tensor.name, extents)
    return true
  }

  get #axes(): string[] {
    return Object.keys(this.#sources)
  }

  /** The extent with these values in the trials, or undefined where there is none. */
  #extent(values: readonly number[]): Extent | undefined {
    const [first, ...others] = this.#trials
    const slopes = this.#axes.map((axis, k) => (values[k + 1] - values[0]) / (others[k][axis] - first[axis]))
    const at = (sizes: Sizes) => this.#axes.reduce((sum, axis, k) => sum + slopes[k] * sizes[axis], 0)
    const offset = values[0] - at(first)
    const fits = slopes.every(Number.isInteger) && this.#trials.every((sizes, i) => at(sizes) + offset === values[i])
    return fits ? { offset, slopes } : undefined
  }

  #counterpart(tensor: OnnxTensor, graph: OnnxGraph, k: number): OnnxTensor {
    const name = this.#aliases[k].get(tensor.name)
    return graph.initializers.find((other) => other.name === name) ?? refuse(`the constant '${tensor.name}' is there at one size only`)
  }

  /** offsets + Σ slopes · size, element by element. */
  #compute(name: string, extents: readonly Extent[]): void {
    const used = this.#axes.filter((_, k) => extents.some(({ slopes }) => slopes[k] !== 0))
    const last = used.length - 1
    used.reduce(
      (sum, axis, i) => {
        const scaled = `${name}.${axis}`
        const total = i === last ? name : `${scaled}.sum`
        const slopes = extents.map((extent) => extent.slopes[this.#axes.indexOf(axis)])
        const size = this.#size(axis)
        this.#prelude.push(nodeOf('Mul', [size, this.#integers(slopes)], scaled), nodeOf('Add', [scaled, sum], total))
        return total
      },
      this.#integers(extents.map(({ offset }) => offset)),
    )
  }

  /** The size of an axis as an int64 list of one. */
  #size(axis: string): string {
    const name = `${axis}_size`
    const source = this.#sources[axis]
    if (!this.#prelude.some((node) => node.name === name))
      this.#prelude.push(nodeOf('Shape', [source.input], name, { start: source.axis, end: source.axis + 1 }))
    return name
  }

  #integers(values: readonly number[]): string {
    const name = `integers.${values.join('.')}`
    this.#added.set(name, {
      name,
      dtype: 'int64',
      shape: [values.length],
      bytes: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
    })
    return name
  }

  #value(value: OnnxValue, others: readonly OnnxValue[]): OnnxValue {
    return { ...value, shape: this.#extents([value, ...others]).map((extent) => this.#nameOf(extent)) }
  }

  /** The extents of a value from its shapes in the trials. */
  #extents(trials: readonly OnnxValue[]): Extent[] {
    return trials[0].shape!.map(
      (_, axis) => this.#extent(trials.map(({ shape }) => Number(shape![axis]))) ?? refuse('an output depends on it unevenly'),
    )
  }

  shapesAt(sizes: Sizes): number[][] {
    return this.#graphs[0].outputs.map((_, i) =>
      this.#extents(this.#graphs.map(({ outputs }) => outputs[i])).map(({ offset, slopes }) =>
        this.#axes.reduce((sum, axis, k) => sum + slopes[k] * sizes[axis], offset),
      ),
    )
  }

  #nameOf({ offset, slopes }: Extent): number | string {
    if (slopes.every((slope) => slope === 0)) return offset
    const sizes = this.#axes.flatMap((axis, k) => (slopes[k] === 0 ? [] : [`${slopes[k] === 1 ? '' : slopes[k]}${axis}`]))
    return `${sizes.join('_plus_')}${offset === 0 ? '' : `_${offset > 0 ? 'plus' : 'minus'}_${Math.abs(offset)}`}`
  }
}

const producersOf = ({ nodes }: OnnxGraph): Map<string, OnnxNode> =>
  new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)))

const nodeOf = (type: string, inputs: readonly string[], output: string, attributes: Record<string, AttributeValue> = {}): OnnxNode => ({
  type,
  name: output,
  inputs,
  outputs: [output],
  attributes,
})

const integersOf = ({ bytes }: OnnxTensor): number[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.length / 8 }, (_, i) => Number(view.getBigInt64(i * 8, true)))
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a === b || (a.length === b.length && a.every((byte, i) => byte === b[i]))

/** Attributes as text. Graphs inside nodes are compared whole, so a loop may not depend on the batch. */
const keyOf = (attributes: OnnxNode['attributes']): string =>
  JSON.stringify(attributes, (_, value: AttributeValue) => (isGraph(value) ? { ...value, name: '' } : value))
