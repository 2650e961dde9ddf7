import { InputError } from '../errors.ts'
import type { Aval } from '../graph/node.ts'
import { type AttributeValue, isGraph, type OnnxGraph, type OnnxNode, type OnnxTensor, type OnnxValue } from './format.ts'

/*
 * A graph for one batch size, made into one for every size. The engine's shapes are numbers, so the function is traced at three sizes: what
 * differs between the graphs must be a list of int64 extents, each linear in the size, which is then computed from the input's own shape.
 */

/** Primes that no real extent is likely to be, so that none is taken for the batch. */
const sizes = [509, 521, 547] as const

const axisName = 'batch'

type Build = (avals: readonly Aval[]) => OnnxGraph

/** The graph with a symbolic first axis on the inputs named in `batch`. @throws InputError where the function depends on the batch size. */
export function withSymbolicBatch(build: Build, examples: readonly Aval[], names: readonly string[], batch: readonly string[]): OnnxGraph {
  for (const name of batch) {
    const at = names.indexOf(name)
    if (at < 0) throw new InputError(`exportOnnx: no input is called '${name}'`, { fix: `there are ${names.join(', ')}` })
    if (examples[at].shape.length === 0) throw new InputError(`exportOnnx: input '${name}' is a scalar and has no batch axis`)
  }
  const graphs = sizes.map((size) =>
    build(examples.map(({ shape, dtype }, i) => ({ dtype, shape: batch.includes(names[i]) ? shape.with(0, size) : shape }))),
  )
  return new Unifier(graphs, batch[0]).graph()
}

/** `slope · size + offset`, or undefined where the values do not lie on a line. */
function line(values: readonly number[]): { slope: number; offset: number } | undefined {
  const slope = (values[1] - values[0]) / (sizes[1] - sizes[0])
  const offset = values[0] - slope * sizes[0]
  return Number.isInteger(slope) && values.every((value, i) => value === slope * sizes[i] + offset) ? { slope, offset } : undefined
}

const refuse = (what: string): never => {
  throw new InputError(`exportOnnx: the batch size cannot stay open: ${what}`, {
    fix: 'leave `batch` out, or write the function without using the size of its first axis',
  })
}

class Unifier {
  readonly #graphs: readonly OnnxGraph[]
  readonly #source: string
  /** Nodes that compute extents from the size; they come first. */
  readonly #prelude: OnnxNode[] = []
  readonly #added = new Map<string, OnnxTensor>()
  /** For names of the first graph: theirs in the others. */
  readonly #aliases: Map<string, string>[]

  constructor(graphs: readonly OnnxGraph[], source: string) {
    this.#graphs = graphs
    this.#source = source
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
    const lines = lists[0].map((_, i) => line(lists.map((list) => list[i])) ?? refuse('an extent is not a multiple of it'))
    this.#compute(tensor.name, lines)
    return true
  }

  #counterpart(tensor: OnnxTensor, graph: OnnxGraph, k: number): OnnxTensor {
    const name = this.#aliases[k].get(tensor.name)
    return graph.initializers.find((other) => other.name === name) ?? refuse(`the constant '${tensor.name}' is there at one size only`)
  }

  /** slopes · size + offsets, element by element. */
  #compute(name: string, lines: readonly { slope: number; offset: number }[]): void {
    const integers = (values: readonly number[]) => this.#integers(values)
    const scaled = `${name}.scaled`
    this.#prelude.push(
      nodeOf('Mul', [this.#size(), integers(lines.map(({ slope }) => slope))], scaled),
      nodeOf('Add', [scaled, integers(lines.map(({ offset }) => offset))], name),
    )
  }

  /** The size as an int64 list of one. */
  #size(): string {
    const name = 'batch_size'
    if (this.#prelude.length === 0) this.#prelude.push(nodeOf('Shape', [this.#source], name, { start: 0, end: 1 }))
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
    const shape = value.shape?.map((extent, axis) => {
      const { slope, offset } =
        line([value, ...others].map((each) => Number(each.shape![axis]))) ?? refuse('an output depends on it unevenly')
      if (slope === 0) return extent
      return `${slope === 1 ? '' : slope}${axisName}${offset === 0 ? '' : `_${offset > 0 ? 'plus' : 'minus'}_${Math.abs(offset)}`}`
    })
    return { ...value, shape }
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
