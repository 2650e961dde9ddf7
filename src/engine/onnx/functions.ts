import type { Node } from '../graph/node.ts'
import { type Scope, scopeOf } from '../graph/scope.ts'
import { isGraph, type OnnxFunction, type OnnxGraph, type OnnxNode, type OnnxTensor, opset } from './format.ts'

/*
 * The calls of named functions become functions of the model, so that a reader of the file sees layers instead of hundreds of operators.
 */

/** The domain of the functions that a model brings itself. */
const domain = 'local'

/** Constants up to this size are repeated in each function that uses them; larger ones are passed in. */
const smallConstant = 1024

/** Nodes that become one node: a function of the model, or a single operator. */
interface Cluster {
  readonly scope?: Scope
  readonly nodes: OnnxNode[]
  /** The clusters that it reads from. */
  readonly reads: Set<Cluster>
}

interface Origins {
  readonly origins: ReadonlyMap<string, Node>
  readonly constants: ReadonlySet<string>
}

/** The graph with the nodes of each named call put into a function. */
export function withFunctions(graph: OnnxGraph, { origins, constants }: Origins): { graph: OnnxGraph; functions: OnnxFunction[] } {
  const scopeOfNode = (node: OnnxNode): Scope | undefined => {
    const origin = origins.get(node.name)
    return origin && scopeOf(origin.site)
  }
  const clusters = inOrder(clustered(graph.nodes, scopeOfNode))
  if (clusters.every(({ scope }) => !scope)) return { graph, functions: [] }

  const functions: OnnxFunction[] = []
  const small = graph.initializers.filter(({ name, bytes }) => constants.has(name) && bytes.length <= smallConstant)
  const copied = new Map(small.map((tensor) => [tensor.name, tensor]))
  const calls = new Map<string, number>()
  const readers = readersOf(graph, clusters)
  const nodes = clusters.flatMap((cluster): readonly OnnxNode[] => {
    if (!cluster.scope || cluster.nodes.length === 1) return cluster.nodes
    const name = cluster.scope.path.replace(/\W+/g, '.')
    const count = (calls.get(name) ?? 0) + 1
    calls.set(name, count)
    const path = count === 1 ? cluster.scope.path : `${cluster.scope.path}/${count}`
    const fn = functionOf(cluster, path, copied, readers)
    functions.push(fn)
    return [{ type: fn.name, domain, name: path, inputs: fn.inputs, outputs: fn.outputs, attributes: {} }]
  })
  const read = new Set(nodes.flatMap((node) => [...reads(node)]))
  const outputs = new Set(graph.outputs.map(({ name }) => name))
  const initializers = graph.initializers.filter(({ name }) => read.has(name) || outputs.has(name))
  return { graph: { ...graph, nodes, initializers }, functions }
}

/** What a node reads: its inputs, and what the graphs inside it capture. */
function* reads(node: OnnxNode): Generator<string> {
  for (const name of node.inputs) if (name) yield name
  for (const value of Object.values(node.attributes)) {
    if (!isGraph(value)) continue
    const own = new Set([...value.inputs.map(({ name }) => name), ...value.nodes.flatMap(({ outputs }) => outputs)])
    for (const inner of value.nodes) for (const name of reads(inner)) if (!own.has(name)) yield name
  }
}

/** Puts each node into the last cluster of its scope, unless something between them lies outside: then it begins another. */
function clustered(nodes: readonly OnnxNode[], scopeOfNode: (node: OnnxNode) => Scope | undefined): Cluster[] {
  const clusters: Cluster[] = []
  const latest = new Map<Scope, Cluster>()
  const producer = new Map<string, Cluster>()
  for (const node of nodes) {
    const scope = scopeOfNode(node)
    const from = new Set([...reads(node)].flatMap((name) => producer.get(name) ?? []))
    let cluster = scope && latest.get(scope)
    if (!cluster || [...from].some((other) => other !== cluster && dependsOn(other, cluster!))) {
      cluster = { scope, nodes: [], reads: new Set() }
      clusters.push(cluster)
      if (scope) latest.set(scope, cluster)
    }
    cluster.nodes.push(node)
    for (const other of from) if (other !== cluster) cluster.reads.add(other)
    for (const name of node.outputs) producer.set(name, cluster)
  }
  return clusters
}

function dependsOn(cluster: Cluster, target: Cluster): boolean {
  const seen = new Set([cluster])
  for (const each of seen) {
    if (each === target) return true
    for (const other of each.reads) seen.add(other)
  }
  return false
}

/** Every cluster after those that it reads. */
function inOrder(clusters: readonly Cluster[]): Cluster[] {
  const ordered = new Set<Cluster>()
  const pending = clusters.toReversed()
  for (let cluster = pending.at(-1); cluster; cluster = pending.at(-1)) {
    const waiting = ordered.has(cluster) ? [] : [...cluster.reads].filter((other) => !ordered.has(other))
    if (waiting.length > 0) {
      pending.push(...waiting)
      continue
    }
    ordered.add(cluster)
    pending.pop()
  }
  return [...ordered]
}

/** For each name: the clusters that read it, and the graph itself for its outputs. */
function readersOf(graph: OnnxGraph, clusters: readonly Cluster[]): Map<string, Set<unknown>> {
  const readers = new Map<string, Set<unknown>>()
  const note = (name: string, reader: unknown) => readers.set(name, (readers.get(name) ?? new Set()).add(reader))
  for (const cluster of clusters) for (const node of cluster.nodes) for (const name of reads(node)) note(name, cluster)
  for (const { name } of graph.outputs) note(name, graph)
  return readers
}

function functionOf(
  cluster: Cluster,
  path: string,
  copied: ReadonlyMap<string, OnnxTensor>,
  readers: ReadonlyMap<string, ReadonlySet<unknown>>,
): OnnxFunction {
  const own = new Set(cluster.nodes.flatMap(({ outputs }) => outputs))
  const outside = [...new Set(cluster.nodes.flatMap((node) => [...reads(node)]))].filter((name) => !own.has(name))
  const constants = outside.flatMap((name) => copied.get(name) ?? [])
  return {
    domain,
    name: path.replace(/\W+/g, '.'),
    doc: path,
    inputs: outside.filter((name) => !copied.has(name)),
    outputs: [...own].filter((name) => [...(readers.get(name) ?? [])].some((reader) => reader !== cluster)),
    attributes: [],
    defaults: {},
    opsets: { '': opset },
    nodes: [
      ...constants.map((tensor) => ({
        type: 'Constant',
        name: tensor.name,
        inputs: [],
        outputs: [tensor.name],
        attributes: { value: { tensor } },
      })),
      ...cluster.nodes,
    ],
  }
}
