import type { EngineNode, EnginePhase, EngineStep } from '../../../api-engine.ts'

/** Nodes of one part of the model in one phase of the step. */
export interface Group {
  readonly phase: EnginePhase
  readonly part: string
  /** Places in the step. */
  readonly nodes: readonly number[]
  readonly flops: number
  /** Where the step was timed. */
  readonly milliseconds?: number
}

export interface GroupGraph {
  readonly groups: readonly Group[]
  /** Pairs of groups, by index: the second reads of the first. */
  readonly edges: readonly (readonly [number, number])[]
}

/** The step's parts, in the order in which they first run. */
export function groupsOf(step: Pick<EngineStep, 'nodes'>): GroupGraph {
  const indices = new Map<string, number>()
  const members: number[][] = []
  const groupOfNode = step.nodes.map(({ phase, part }, i) => {
    const name = `${phase} ${part}`
    if (!indices.has(name)) {
      indices.set(name, members.length)
      members.push([])
    }
    members[indices.get(name)!].push(i)
    return indices.get(name)!
  })
  const edges = new Set<string>()
  for (const [i, { inputs }] of step.nodes.entries())
    for (const input of inputs) if (groupOfNode[input] !== groupOfNode[i]) edges.add(`${groupOfNode[input]} ${groupOfNode[i]}`)
  return {
    groups: members.map((nodes) => groupOf(nodes, step.nodes)),
    edges: [...edges].map((edge) => edge.split(' ').map(Number) as [number, number]),
  }
}

function groupOf(places: readonly number[], nodes: readonly EngineNode[]): Group {
  const own = places.map((place) => nodes[place])
  const timed = own.filter(({ milliseconds }) => milliseconds !== undefined)
  return {
    phase: own[0].phase,
    part: own[0].part,
    nodes: places,
    flops: own.reduce((sum, { flops }) => sum + flops, 0),
    ...(timed.length > 0 && { milliseconds: timed.reduce((sum, { milliseconds }) => sum + milliseconds!, 0) }),
  }
}

/** Where each box stands: `row` from the top, `column` from the left. */
export interface Place {
  readonly row: number
  readonly column: number
}

const columnOf: Readonly<Record<EnginePhase, number>> = { forward: 0, backward: 1, update: 2 }

/** Parts as rows, in the order in which the forward pass meets them; forward, backward and update as columns: the step goes down, back up, and out. */
export function gridOf({ groups }: GroupGraph): Place[] {
  const parts: string[] = []
  for (const phase of ['forward', 'backward', 'update'] as const)
    for (const group of groups) if (group.phase === phase && !parts.includes(group.part)) parts.push(group.part)
  // What belongs to no part (the loss, counters) stands last.
  const ordered = [...parts.filter((part) => part !== ''), ...parts.filter((part) => part === '')]
  return groups.map(({ phase, part }) => ({ row: ordered.indexOf(part), column: columnOf[phase] }))
}
