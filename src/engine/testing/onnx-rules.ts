import { isGraph, type OnnxFunction, type OnnxGraph, type OnnxModel, type OnnxNode } from '../onnx/format.ts'

/*
 * The rules of the ONNX standard for the structure of a model (docs/IR.md of onnx): every name defined once and before its use, also across
 * the graphs inside nodes; functions closed, and not recursive; types and shapes on what enters and leaves. What an operator itself takes is
 * judged by the runtimes that load the model.
 */

/** What is wrong with a model; nothing where it is valid. */
export function violations(model: OnnxModel): string[] {
  const check = new Check(model)
  check.graph(model.graph, new Set(), 'graph')
  for (const fn of model.functions) check.function(fn)
  check.calls()
  return check.found
}

class Check {
  readonly found: string[] = []
  readonly #model: OnnxModel
  readonly #nodeNames = new Set<string>()

  constructor(model: OnnxModel) {
    this.#model = model
    if (model.irVersion < 3) this.#say('no ir_version')
    if (!('' in model.opsets)) this.#say('no opset of the standard is imported')
    for (const { name, dtype, shape } of [...model.graph.inputs, ...model.graph.outputs]) {
      if (!dtype || !shape) this.#say(`'${name}' has no type or shape`)
    }
  }

  #say(what: string): void {
    this.found.push(what)
  }

  graph(graph: OnnxGraph, outer: ReadonlySet<string>, where: string): void {
    if (!graph.name) this.#say(`${where} has no name`)
    const defined = new Set(outer)
    const inputs = graph.inputs.map(({ name }) => name)
    this.#define(inputs, defined, where)
    // An initializer may give an input its default.
    this.#define(
      graph.initializers.map(({ name }) => name).filter((name) => !inputs.includes(name)),
      defined,
      where,
    )
    this.#nodes(graph.nodes, defined, where)
    const own = new Set([...inputs, ...graph.nodes.flatMap(({ outputs }) => outputs), ...graph.initializers.map(({ name }) => name)])
    for (const { name } of graph.outputs) if (!own.has(name)) this.#say(`${where}: output '${name}' is not computed there`)
    if (new Set(graph.outputs.map(({ name }) => name)).size < graph.outputs.length) this.#say(`${where}: an output is listed twice`)
  }

  function(fn: OnnxFunction): void {
    const where = `function ${fn.domain}.${fn.name}`
    const defined = new Set<string>()
    this.#define(fn.inputs, defined, where)
    this.#nodes(fn.nodes, defined, where)
    for (const name of fn.outputs) if (!defined.has(name)) this.#say(`${where}: output '${name}' is not computed`)
    for (const { domain = '' } of fn.nodes) if (!(domain in fn.opsets)) this.#say(`${where}: domain '${domain}' is not imported`)
  }

  #define(names: readonly string[], defined: Set<string>, where: string): void {
    for (const name of names) {
      if (!name) this.#say(`${where}: a value has no name`)
      if (defined.has(name)) this.#say(`${where}: '${name}' is defined twice`)
      defined.add(name)
    }
  }

  #nodes(nodes: readonly OnnxNode[], defined: Set<string>, where: string): void {
    for (const node of nodes) {
      const at = `${where}: ${node.type} '${node.name}'`
      if (this.#nodeNames.has(`${where}/${node.name}`)) this.#say(`${at}: two nodes have this name`)
      this.#nodeNames.add(`${where}/${node.name}`)
      if (!((node.domain ?? '') in this.#model.opsets)) this.#say(`${at}: domain '${node.domain}' is not imported`)
      for (const name of node.inputs) if (name && !defined.has(name)) this.#say(`${at} reads '${name}' before it is defined`)
      for (const value of Object.values(node.attributes)) if (isGraph(value)) this.graph(value, defined, `${at} ${value.name}`)
      this.#define(
        node.outputs.filter((name) => name !== ''),
        defined,
        at,
      )
    }
  }

  /** Every node of a domain of the model's own calls a function that exists, with as many inputs; and none calls itself. */
  calls(): void {
    const functions = new Map(this.#model.functions.map((fn) => [`${fn.domain}.${fn.name}`, fn]))
    if (functions.size < this.#model.functions.length) this.#say('two functions have one name')
    const own = new Set(this.#model.functions.map(({ domain }) => domain))
    const finished = new Set<string>()
    const visit = (nodes: readonly OnnxNode[], path: readonly string[]): void => {
      for (const node of nodes) {
        for (const value of Object.values(node.attributes)) if (isGraph(value)) visit(value.nodes, path)
        if (!own.has(node.domain ?? '')) continue
        const name = `${node.domain}.${node.type}`
        const fn = functions.get(name)
        if (!fn) this.#say(`no function ${name}`)
        else if (path.includes(name)) this.#say(`function ${name} calls itself`)
        else if (node.inputs.length > fn.inputs.length || node.outputs.length > fn.outputs.length)
          this.#say(`${name} is called with more values than it has`)
        else if (!finished.has(name)) {
          visit(fn.nodes, [...path, name])
          finished.add(name)
        }
      }
    }
    visit(this.#model.graph.nodes, [])
  }
}
