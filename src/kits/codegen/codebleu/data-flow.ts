import type { SyntaxNode } from '../python/parse.ts'

/** A variable at a place, and where its value comes from (GraphCodeBERT, Guo et al. 2021). */
export interface DataFlowEdge {
  readonly variable: string
  /** Which token of the text it is. */
  readonly place: number
  readonly kind: 'comesFrom' | 'computedFrom'
  readonly sources: readonly { readonly variable: string; readonly place: number }[]
}

/** Where each variable has been set last; several places after a branch. */
type States = ReadonlyMap<string, readonly number[]>

interface Flow {
  readonly edges: readonly DataFlowEdge[]
  readonly states: States
}

/** Tokens are leaves, and strings as a whole. */
const isToken = ({ type, children }: SyntaxNode): boolean => (children.length === 0 || type === 'string') && type !== 'comment'

interface Text {
  /** By where the token begins. */
  readonly placeOf: ReadonlyMap<number, number>
  readonly code: string
}

/**
 * The data flow of a program, edges in the order of their places: only variables that take part in a flow.
 * What the walk does with each statement is that of the reference implementation, whose loops are walked twice so that values flow back to their begin.
 */
export function dataFlow(root: SyntaxNode, code: string): DataFlowEdge[] {
  const tokens: SyntaxNode[] = []
  collectTokens(root, tokens)
  const text = { placeOf: new Map(tokens.map(({ start }, i) => [start, i])), code }
  const edges = [...flowOf(root, new Map(), text).edges].sort((a, b) => a.place - b.place)
  const linked = new Set(
    edges.flatMap(({ place, sources }) => (sources.length > 0 ? [place, ...sources.map((source) => source.place)] : [])),
  )
  const merged = new Map<number, DataFlowEdge>()
  for (const edge of edges) {
    if (!linked.has(edge.place)) continue
    const known = merged.get(edge.place)
    merged.set(
      edge.place,
      known ? { ...known, sources: unique([...known.sources, ...edge.sources]) } : { ...edge, sources: unique(edge.sources) },
    )
  }
  return [...merged.values()]
}

function collectTokens(node: SyntaxNode, into: SyntaxNode[]): void {
  if (isToken(node)) into.push(node)
  else for (const child of node.children) collectTokens(child, into)
}

const unique = (sources: DataFlowEdge['sources']): DataFlowEdge['sources'] => [
  ...new Map(sources.map((source) => [source.place, source])).values(),
]

const fieldOf = (node: SyntaxNode, field: string): SyntaxNode | undefined => node.children.find((child) => child.field === field)

const withoutCommas = ({ children }: SyntaxNode): SyntaxNode[] => children.filter(({ type }) => type !== ',')

function flowOf(node: SyntaxNode, states: States, text: Text): Flow {
  if (isToken(node)) return flowOfToken(node, states, text)
  switch (node.type) {
    case 'default_parameter':
      return flowOfDefault(node, states, text)
    case 'assignment':
    case 'augmented_assignment':
      return flowOfAssignment(fieldOf(node, 'left'), fieldOf(node, 'right'), states, text)
    case 'for_in_clause':
      return flowOfPairs([fieldOf(node, 'left')!], [node.children.at(-1)!], states, text)
    case 'if_statement':
    case 'elif_clause':
    case 'else_clause':
      return flowOfBranches(node, states, text)
    case 'for_statement':
      return twice((current) => flowOfFor(node, current, text), states)
    case 'while_statement':
      return twice((current) => flowOfAll(node.children, current, text), states)
    default: {
      // In a comprehension the clauses come after what uses them.
      const first = node.children.filter(({ type }) => type === 'for_in_clause')
      const rest = node.children.filter(({ type }) => type !== 'for_in_clause')
      return flowOfAll([...first, ...rest], states, text)
    }
  }
}

function flowOfAll(nodes: readonly SyntaxNode[], states: States, text: Text): Flow {
  const edges: DataFlowEdge[] = []
  let current = states
  for (const node of nodes) {
    const flow = flowOf(node, current, text)
    edges.push(...flow.edges)
    current = flow.states
  }
  return { edges, states: current }
}

const nameOf = ({ start, end }: SyntaxNode, { code }: Text): string => code.slice(start, end)

function flowOfToken(node: SyntaxNode, states: States, text: Text): Flow {
  const variable = nameOf(node, text)
  const place = text.placeOf.get(node.start) ?? -1
  // Keywords and punctuation are their own types.
  if (variable === node.type || place < 0) return { edges: [], states }
  const known = states.get(variable)
  if (known) return { edges: [{ variable, place, kind: 'comesFrom', sources: known.map((from) => ({ variable, place: from })) }], states }
  const next = node.type === 'identifier' ? new Map(states).set(variable, [place]) : states
  return { edges: [{ variable, place, kind: 'comesFrom', sources: [] }], states: next }
}

/** Tokens of a subtree that can be variables: all that are not keywords or punctuation. */
function variablesOf(node: SyntaxNode, text: Text): { variable: string; place: number }[] {
  const tokens: SyntaxNode[] = []
  collectTokens(node, tokens)
  return tokens
    .filter((token) => nameOf(token, text) !== token.type)
    .map((token) => ({ variable: nameOf(token, text), place: text.placeOf.get(token.start) ?? -1 }))
}

function flowOfDefault(node: SyntaxNode, states: States, text: Text): Flow {
  const names = variablesOf(fieldOf(node, 'name')!, text)
  const value = fieldOf(node, 'value')
  if (!value)
    return { edges: names.map((name) => ({ ...name, kind: 'comesFrom' as const, sources: [] })), states: withPlaces(states, names) }
  const flow = flowOf(value, states, text)
  const sources = variablesOf(value, text)
  // The reference has an edge for each pair here, which merging by place makes one.
  const own = names.map((name) => ({ ...name, kind: 'comesFrom' as const, sources }))
  return { edges: [...flow.edges, ...own], states: withPlaces(flow.states, names) }
}

const withPlaces = (states: States, variables: readonly { variable: string; place: number }[]): States =>
  new Map([...states, ...variables.map(({ variable, place }) => [variable, [place]] as const)])

function flowOfAssignment(left: SyntaxNode | undefined, right: SyntaxNode | undefined, states: States, text: Text): Flow {
  if (!left || !right) return { edges: [], states }
  return flowOfPairs(...sidesOf(left, right), states, text)
}

/** Of `a, b = c, d` the pairs; of anything else the two sides as they are. */
function sidesOf(left: SyntaxNode, right: SyntaxNode): [SyntaxNode[], SyntaxNode[]] {
  const [targets, values] = [withoutCommas(left), withoutCommas(right)]
  return targets.length !== values.length || targets.length === 0 ? [[left], [right]] : [targets, values]
}

function flowOfPairs(targets: readonly SyntaxNode[], values: readonly SyntaxNode[], states: States, text: Text): Flow {
  const { edges, states: after } = flowOfAll(values, states, text)
  const own: DataFlowEdge[] = []
  let current = after
  for (const [i, target] of targets.entries()) {
    const sources = variablesOf(values[i], text)
    const variables = variablesOf(target, text)
    own.push(...variables.map((variable) => ({ ...variable, kind: 'computedFrom' as const, sources })))
    current = withPlaces(current, variables)
  }
  return { edges: [...edges, ...own], states: current }
}

function flowOfBranches(node: SyntaxNode, states: States, text: Text): Flow {
  const edges: DataFlowEdge[] = []
  const ends: States[] = []
  let current = states
  for (const child of node.children) {
    const isBranch = child.type === 'elif_clause' || child.type === 'else_clause'
    const flow = flowOf(child, isBranch ? states : current, text)
    edges.push(...flow.edges)
    if (isBranch) ends.push(flow.states)
    else current = flow.states
  }
  const hasElse = node.type.includes('else') || node.children.some(({ type }) => type.includes('else'))
  return { edges, states: merged([...ends, current, ...(hasElse ? [] : [states])]) }
}

/** After branches a variable comes from wherever any of them left it. */
function merged(all: readonly States[]): States {
  const places = new Map<string, Set<number>>()
  for (const states of all)
    for (const [variable, found] of states) {
      const known = places.get(variable) ?? new Set()
      for (const place of found) known.add(place)
      places.set(variable, known)
    }
  return new Map([...places].map(([variable, found]) => [variable, [...found].sort((a, b) => a - b)]))
}

function flowOfFor(node: SyntaxNode, states: States, text: Text): Flow {
  const [left, right] = [fieldOf(node, 'left'), fieldOf(node, 'right')]
  const head = left && right ? flowOfPairs(...sidesOf(left, right), states, text) : { edges: [], states }
  const body = node.children.at(-1)
  if (body?.type !== 'block') return head
  const flow = flowOf(body, head.states, text)
  return { edges: [...head.edges, ...flow.edges], states: flow.states }
}

/** A loop's flow from its begin and once more from its end; edges of the same place and kind are one. */
function twice(walk: (states: States) => Flow, states: States): Flow {
  const first = walk(states)
  const second = walk(first.states)
  const merged = new Map<string, DataFlowEdge>()
  for (const edge of [...first.edges, ...second.edges]) {
    const key = `${edge.place} ${edge.kind}`
    const known = merged.get(key)
    merged.set(key, known ? { ...known, sources: unique([...known.sources, ...edge.sources]) } : edge)
  }
  return { edges: [...merged.values()].sort((a, b) => a.place - b.place), states: second.states }
}
