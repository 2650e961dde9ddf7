import { sizeOf } from '../array.ts'
import { bytesPerElement } from '../dtype.ts'
import type { Aval, Node } from '../graph/node.ts'
import type { Graph } from '../graph/trace.ts'
import { projectPrimitive } from '../primitives/structural.ts'

/*
 * The memory that ONNX Runtime takes for a run. It decides before the run which values share a buffer: a view shares that of its input; an
 * element-wise operation writes over an input that nobody needs any more; any other value gets a buffer of its shape that has become free, and a new
 * one only if there is none. A buffer is held from its first value to its last, also while it waits for the next.
 */

export const bytesOf = ({ shape, dtype }: Aval): number => sizeOf(shape) * bytesPerElement(dtype)

/** A buffer, held from place `first` to place `last` of the run. */
export interface Buffer {
  readonly bytes: number
  readonly first: number
  last: number
  /** Whose values are in it, and from which place on. */
  readonly holders: { readonly node: Node; readonly from: number }[]
}

/** One result of a node, under whatever names views give it. */
interface Value {
  readonly aval: Aval
  /** Nodes that have not read it yet. */
  readers: number
  /** Arguments, constants and results of the run live outside. */
  outside: boolean
  buffer?: Buffer
}

/** Primitives whose results are their inputs: result i is input i. */
const views = new Set(['reshape', 'barrier'])

/** The buffers of a run in this order. */
export function buffersOf({ outputs }: Graph, run: readonly Node[]): Buffer[] {
  const valuesOf = resultsOf(run)
  for (const output of outputs) valuesOf(output)[0].outside = true
  const steps = run
    .filter((node) => node.inputs.length > 0 && node.primitive !== projectPrimitive && !views.has(node.primitive.name))
    .map((node) => ({ node, reads: [...new Set(node.inputs.map((input) => valuesOf(input)[0]))] }))
  for (const { reads } of steps) for (const value of reads) value.readers++

  const buffers: Buffer[] = []
  const free = new Map<string, Buffer[]>()
  const freeLike = ({ shape, dtype }: Aval): Buffer[] => {
    const kind = `${dtype}[${shape}]`
    if (!free.has(kind)) free.set(kind, [])
    return free.get(kind)!
  }
  const release = (value: Value): void => {
    if (value.buffer) freeLike(value.aval).push(value.buffer)
    value.buffer = undefined
  }
  const create = (aval: Aval, at: number): Buffer => {
    const buffer = { bytes: bytesOf(aval), first: at, last: at, holders: [] }
    buffers.push(buffer)
    return buffer
  }

  for (const [at, { node, reads }] of steps.entries()) {
    for (const value of valuesOf(node)) {
      // A result that nobody reads is not computed.
      if (value.outside || value.readers === 0) continue
      const over = node.primitive.kind === 'elementwise' ? reads.find((read) => fits(read, value)) : undefined
      value.buffer = over?.buffer ?? freeLike(value.aval).pop() ?? create(value.aval, at)
      if (over) over.buffer = undefined
      value.buffer.holders.push({ node, from: at })
      value.buffer.last = at
    }
    const scratch = (node.primitive.scratch?.(node) ?? 0) * bytesPerElement(node.dtype)
    if (scratch > 0) buffers.push({ bytes: scratch, first: at, last: at, holders: [{ node, from: at }] })
    for (const read of reads) {
      if (read.buffer) read.buffer.last = at
      if (--read.readers === 0) release(read)
    }
  }
  return buffers
}

/** Whether the last reader of `read` may write `value` over it. */
const fits = (read: Value, value: Value): boolean =>
  read.readers === 1 && read.buffer !== undefined && read.buffer.bytes === bytesOf(value.aval)

/** Finds the values of a node: for a projection that one which it picks. */
function resultsOf(run: readonly Node[]): (node: Node) => readonly Value[] {
  const values = new Map<Node, readonly Value[]>()
  for (const node of run) {
    const { primitive, inputs, attributes, results = [node] } = node
    if (primitive === projectPrimitive) values.set(node, [values.get(inputs[0])![attributes.index as number]])
    else if (views.has(primitive.name))
      values.set(
        node,
        results.map((_, i) => values.get(inputs[i])![0]),
      )
    else
      values.set(
        node,
        results.map((aval): Value => ({ aval, readers: 0, outside: inputs.length === 0 })),
      )
  }
  return (node) => values.get(node)!
}

/** Bytes at the worst moment of a run with these buffers, and its place. */
export function peakOf(buffers: readonly Buffer[]): { bytes: number; at: number } {
  const changes = new Map<number, number>()
  const change = (at: number, bytes: number) => changes.set(at, (changes.get(at) ?? 0) + bytes)
  for (const { bytes, first, last } of buffers) {
    change(first, bytes)
    change(last + 1, -bytes)
  }
  let [bytes, peak] = [0, { bytes: 0, at: 0 }]
  for (const [at, difference] of [...changes].sort(([a], [b]) => a - b)) {
    bytes += difference
    if (bytes > peak.bytes) peak = { bytes, at }
  }
  return peak
}
