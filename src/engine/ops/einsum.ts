import { sizeOf } from '../array.ts'
import { shapeError } from '../primitives/define.ts'
import { mul } from '../primitives/elementwise.ts'
import type { Tensor } from '../tensor.ts'
import { broadcastTo, diagonal, reshape, swapLast, transpose } from './movement.ts'
import { matmul } from './products.ts'
import { sum } from './reduce.ts'

/*
 * Sums of products over named axes. The order of the pairwise products is planned first: among a few operands the cheapest of all orders, among
 * many the pair that frees most memory each time. Each pair is one matrix product.
 */

/** The names of a tensor's axes, one each. */
type Labels = readonly string[]

interface Equation {
  readonly operands: readonly Labels[]
  readonly result: Labels
  readonly extents: ReadonlyMap<string, number>
}

/** The axes that '...' stands for are numbered from the last one on, as broadcasting pairs them. */
function expand(text: string, rank: number): string[] {
  const [before, after] = text.split('...')
  if (after === undefined) return [...text]
  const count = rank - before.length - after.length
  return [...before, ...Array.from({ length: Math.max(count, 0) }, (_, k) => `…${count - k}`), ...after]
}

function parse(equation: string, shapes: readonly (readonly number[])[]): Equation {
  const given = shapes.map((shape) => ({ shape, dtype: 'float32' as const }))
  const fail = (why: string): never => {
    throw shapeError('einsum', `'${equation}': ${why}`, given)
  }
  const [left, right, ...more] = equation.replaceAll(' ', '').split('->')
  const texts = left.split(',')
  const isLegal = (text: string) => /^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(text)
  if (more.length > 0 || ![...texts, right ?? ''].every(isLegal)) fail('write it as ij,jk->ik')
  if (texts.length !== shapes.length) fail(`names ${texts.length} operands`)
  const operands = texts.map((text, i) => {
    const labels = expand(text, shapes[i].length)
    if (labels.length !== shapes[i].length) fail(`'${text}' does not name ${shapes[i].length} axes`)
    return labels
  })
  const extents = new Map<string, number>()
  operands.forEach((labels, i) => {
    labels.forEach((label, axis) => {
      const extent = shapes[i][axis]
      const known = extents.get(label)
      if (known !== undefined && known !== extent && !(label.startsWith('…') && (known === 1 || extent === 1)))
        fail(`'${label}' is ${known} and ${extent}`)
      if (known === undefined || known === 1) extents.set(label, extent)
    })
  })
  const all = operands.flat()
  const rest = [...extents.keys()].filter((label) => label.startsWith('…')).sort((a, b) => Number(b.slice(1)) - Number(a.slice(1)))
  const once = [...new Set(all)].filter((label) => !label.startsWith('…') && all.indexOf(label) === all.lastIndexOf(label)).sort()
  const result =
    right === undefined
      ? [...rest, ...once]
      : right.includes('...')
        ? [...right.split('...')[0], ...rest, ...right.split('...')[1]]
        : [...right]
  for (const label of result) if (!extents.has(label)) fail(`no operand has '${label}'`)
  if (new Set(result).size !== result.length) fail('the result names an axis twice')
  return { operands, result, extents }
}

/** One product of two operands; operands are numbered as given, results after them. */
export interface EinsumStep {
  readonly operands: readonly [number, number]
  readonly equation: string
  /** Multiplications. */
  readonly cost: number
  /** Elements of the result. */
  readonly size: number
}

export interface EinsumPath {
  readonly steps: readonly EinsumStep[]
  /** Multiplications in all, and how many one loop over all axes would take. */
  readonly cost: number
  readonly naiveCost: number
  /** Elements of the largest intermediate result. */
  readonly largest: number
}

/** Up to this many operands every order is considered: 3ⁿ splits. */
const fewOperands = 7

/** The pairs to multiply, in order; products are numbered after the operands. */
function plan({ operands, result, extents }: Equation): EinsumStep[] {
  const sizeOfLabels = (labels: Iterable<string>) => [...labels].reduce((product, label) => product * extents.get(label)!, 1)
  const labelsOf = (members: readonly number[]): string[] => {
    const inside = new Set(members.flatMap((i) => operands[i]))
    const outside = new Set([...result, ...operands.flatMap((labels, i) => (members.includes(i) ? [] : labels))])
    return [...inside].filter((label) => outside.has(label))
  }
  const steps: EinsumStep[] = []
  const join = (a: Joined, b: Joined): Joined => {
    const members = [...a.members, ...b.members]
    const labels = labelsOf(members)
    steps.push({
      operands: [a.id, b.id],
      equation: `${a.labels.join('')},${b.labels.join('')}->${labels.join('')}`,
      cost: sizeOfLabels(new Set([...a.labels, ...b.labels])),
      size: sizeOfLabels(labels),
    })
    return { id: operands.length + steps.length - 1, members, labels }
  }
  const leaves = operands.map((_, i): Joined => ({ id: i, members: [i], labels: labelsOf([i]) }))
  if (operands.length <= fewOperands) joinCheapest(leaves, labelsOf, sizeOfLabels, join)
  else joinGreedily(leaves, labelsOf, sizeOfLabels, join)
  return steps
}

interface Joined {
  readonly id: number
  readonly members: readonly number[]
  readonly labels: Labels
}

type LabelsOf = (members: readonly number[]) => Labels
type SizeOf = (labels: Iterable<string>) => number
type Join = (a: Joined, b: Joined) => Joined

/** The best order of all: for every subset of the operands, the cheapest way to split it in two. */
function joinCheapest(leaves: readonly Joined[], labelsOf: LabelsOf, size: SizeOf, join: Join): void {
  const membersOf = (mask: number) => leaves.flatMap((_, i) => (mask & (1 << i) ? [i] : []))
  const best = new Map<number, { cost: number; split: number }>()
  const costOf = (mask: number): number => {
    if ((mask & (mask - 1)) === 0) return 0
    const known = best.get(mask)
    if (known) return known.cost
    let choice = { cost: Number.POSITIVE_INFINITY, split: 0 }
    for (let part = (mask - 1) & mask; part > mask - part; part = (part - 1) & mask) {
      const product = size(new Set([...labelsOf(membersOf(part)), ...labelsOf(membersOf(mask - part))]))
      const cost = product + costOf(part) + costOf(mask - part)
      if (cost < choice.cost) choice = { cost, split: part }
    }
    best.set(mask, choice)
    return choice.cost
  }
  const build = (mask: number): Joined => {
    if ((mask & (mask - 1)) === 0) return leaves[Math.log2(mask)]
    const { split } = best.get(mask)!
    return join(build(mask - split), build(split))
  }
  const everything = 2 ** leaves.length - 1
  costOf(everything)
  build(everything)
}

/** Again and again the pair whose product is smallest against what it replaces. */
function joinGreedily(leaves: readonly Joined[], labelsOf: LabelsOf, size: SizeOf, join: Join): void {
  const open = [...leaves]
  while (open.length > 1) {
    let best = { growth: Number.POSITIVE_INFINITY, i: 0, j: 1 }
    for (let i = 0; i < open.length; i++) {
      for (let j = i + 1; j < open.length; j++) {
        const growth = size(labelsOf([...open[i].members, ...open[j].members])) - size(open[i].labels) - size(open[j].labels)
        if (growth < best.growth) best = { growth, i, j }
      }
    }
    const [b] = open.splice(best.j, 1)
    const [a] = open.splice(best.i, 1)
    open.push(join(a, b))
  }
}

/**
 * How `einsum` would go about operands of these shapes: the pairwise products, their cost, and what the plan saves.
 *
 * @example
 * einsumPath('ij,jk,kl->il', [10, 1000], [1000, 5], [5, 500]).cost // 75000
 */
export function einsumPath(equation: string, ...shapes: readonly (readonly number[])[]): EinsumPath {
  const parsed = parse(equation, shapes)
  const steps = plan(parsed)
  return {
    steps,
    cost: steps.reduce((total, { cost }) => total + cost, 0),
    naiveCost: [...parsed.extents.values()].reduce((product, extent) => product * extent, Math.max(1, shapes.length - 1)),
    largest: Math.max(0, ...steps.map(({ size }) => size)),
  }
}

interface Named {
  readonly labels: Labels
  readonly x: Tensor
}

/**
 * Sums of products over axes named by letters: those that the result does not name are summed. A letter twice in one operand is its diagonal;
 * '...' stands for axes that broadcast. Without '->' the result has the letters that occur once, in alphabetical order.
 *
 * @example
 * const x = tensor([1, 2])
 * const a = tensor([
 *   [1, 0],
 *   [0, 3],
 * ])
 * await einsum('i,ij,j', x, a, x).item() // 13
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
  const parsed = parse(
    equation,
    operands.map(({ shape }) => shape),
  )
  const { result } = parsed
  const open: Named[] = operands.map((x, i) => withoutRepeats({ x, labels: parsed.operands[i] }))
  const uses = (label: string, except: readonly Named[]) =>
    result.includes(label) || open.some((other) => !except.includes(other) && other.labels.includes(label))
  const byId = [...open]
  for (const { operands: pair } of plan({ ...parsed, operands: open.map(({ labels }) => labels) })) {
    const both = pair.map((id) => byId[id])
    const keep = (label: string) => uses(label, both)
    const product = multiply(both[0], both[1], keep)
    for (const used of both) open.splice(open.indexOf(used), 1)
    open.push(product)
    byId.push(product)
  }
  const [last] = open
  const { x, labels } = summed(last, (label) => result.includes(label))
  return transpose(
    x,
    result.map((label) => labels.indexOf(label)),
  )
}

/** An operand that names an axis twice, as its diagonal. */
function withoutRepeats({ x, labels }: Named): Named {
  const second = labels.findIndex((label, axis) => labels.indexOf(label) < axis)
  if (second < 0) return { x, labels }
  const first = labels.indexOf(labels[second])
  const others = [...labels.keys()].filter((axis) => axis !== first && axis !== second)
  return withoutRepeats({
    x: diagonal(transpose(x, [...others, first, second])),
    labels: [...others.map((axis) => labels[axis]), labels[first]],
  })
}

/** Sums over the axes that nobody needs any more. */
function summed({ x, labels }: Named, keep: (label: string) => boolean): Named {
  const axes = labels.flatMap((label, axis) => (keep(label) ? [] : [axis]))
  return axes.length === 0 ? { x, labels } : { x: sum(x, { axes }), labels: labels.filter(keep) }
}

/** Two operands as one matrix product: shared axes that stay lead, shared axes that go are contracted. */
function multiply(first: Named, second: Named, keep: (label: string) => boolean): Named {
  const isShared = (label: string) => first.labels.includes(label) && second.labels.includes(label)
  const contracted = first.labels.filter((label) => isShared(label) && !keep(label))
  const [a, b] = [first, second].map((side, i) =>
    repeated(
      summed(side, (label) => keep(label) || isShared(label)),
      contracted,
      [second, first][i],
    ),
  )
  const extent = (side: Named, label: string) => side.x.shape[side.labels.indexOf(label)]
  const together = a.labels.filter((label) => isShared(label) && keep(label))
  const [left, right] = [a, b].map(({ labels }) => labels.filter((label) => !isShared(label)))
  const labels = [...together, ...left, ...right]
  const [rows, columns] = [left.map((label) => extent(a, label)), right.map((label) => extent(b, label))]
  if (contracted.length === 0) {
    const batch = (side: Named) => together.map((label) => extent(side, label))
    const ones = (group: readonly unknown[]) => group.map(() => 1)
    return {
      labels,
      x: mul(
        reshape(arranged(a, together, left, []), [...batch(a), ...rows, ...ones(columns)]),
        reshape(arranged(b, together, [], right), [...batch(b), ...ones(rows), ...columns]),
      ),
    }
  }
  const product = matmul(arranged(a, together, left, contracted), arranged(b, together, contracted, right))
  return { labels, x: reshape(product, [...product.shape.slice(0, -2), ...rows, ...columns]) }
}

/** An operand with the axes to contract, where an ellipsis left them at 1, as long as the other operand's. */
function repeated({ x, labels }: Named, contracted: Labels, other: Named): Named {
  const shape = x.shape.map((extent, axis) =>
    extent === 1 && contracted.includes(labels[axis]) ? other.x.shape[other.labels.indexOf(labels[axis])] : extent,
  )
  return { labels, x: broadcastTo(x, shape) }
}

/** A tensor as matrices [...batch, rows, columns], each of the two a group of axes. */
function arranged({ x, labels }: Named, batch: Labels, rows: Labels, columns: Labels): Tensor {
  const extentsOf = (group: Labels) => group.map((label) => x.shape[labels.indexOf(label)])
  const lead = extentsOf(batch)
  const [m, n] = [rows, columns].map((group) => sizeOf(extentsOf(group)))
  // Where the groups lie exchanged, the product reads them so.
  if ([...batch, ...columns, ...rows].every((label, axis) => label === labels[axis]) && columns.length > 0)
    return swapLast(reshape(x, [...lead, n, m]))
  const order = [...batch, ...rows, ...columns].map((label) => labels.indexOf(label))
  return reshape(transpose(x, order), [...lead, m, n])
}

/**
 * Sums of products over pairs of axes: the last `axes` of a with the first of b, or the axes named for each. The others stay, a's before b's.
 *
 * @example
 * tensordot(zeros([2, 3, 4]), zeros([3, 4, 5]), 2).shape // [2, 5]
 */
export function tensordot(a: Tensor, b: Tensor, axes: number | readonly [readonly number[], readonly number[]]): Tensor {
  const [fromA, fromB] =
    typeof axes === 'number'
      ? [Array.from({ length: axes }, (_, k) => a.shape.length - axes + k), Array.from({ length: axes }, (_, k) => k)]
      : axes.map((list, side) => list.map((axis) => (axis < 0 ? axis + [a, b][side].shape.length : axis)))
  if (fromA.length !== fromB.length || fromA.some((axis, k) => a.shape[axis] === undefined || a.shape[axis] !== b.shape[fromB[k]]))
    throw shapeError('tensordot', `axes [${fromA.join(', ')}] and [${fromB.join(', ')}] do not pair`, [a, b])
  const left = { x: a, labels: a.shape.map((_, axis) => (fromA.includes(axis) ? `s${fromA.indexOf(axis)}` : `a${axis}`)) }
  const right = { x: b, labels: b.shape.map((_, axis) => (fromB.includes(axis) ? `s${fromB.indexOf(axis)}` : `b${axis}`)) }
  return multiply(left, right, (label) => !label.startsWith('s')).x
}
