import { sameShape } from '../../array.ts'
import { add, cast, concat, expandDims, flip, fromArray, reshape, scalar, select, where } from '../../ops.ts'
import { whileLoop } from '../../primitives/while.ts'
import type { Tensor } from '../../tensor.ts'
import { integerArray } from '../tensors.ts'
import type { Call, Operator, Operators, Subgraph, Value } from './call.ts'

/** What is unrolled, is at most so long. */
const mostIterations = 4096

/** A condition that is known chooses a branch; otherwise both are computed, and each element is chosen. */
const branch: Operator = (call) => {
  const condition = call.values[0]
  if (condition?.known) return call.graph(condition.known.data[0] !== 0 ? 'then_branch' : 'else_branch')([])
  const [yes, no] = [call.graph('then_branch')([]), call.graph('else_branch')([])]
  return yes.map(({ tensor, narrow }, i): Value => {
    const other = no[i].tensor
    if (!sameShape(tensor.shape, other.shape) || tensor.dtype !== other.dtype)
      call.fail('its branches give different shapes, so its condition must follow from constants and shapes')
    return { tensor: where(reshape(call.input(), []), tensor, other), narrow }
  })
}

const integer = (value: number): Value => {
  const array = integerArray([value], [])
  return { tensor: fromArray(array), known: array }
}

const stacked = (rows: readonly Value[], axis = 0): Value => ({
  tensor: concat(
    rows.map(({ tensor }) => expandDims(tensor, axis)),
    { axis },
  ),
  narrow: rows[0].narrow,
})

/**
 * Unrolled where it is known how often it runs, so that it is differentiable in both modes and its rows may be collected. Otherwise a loop of
 * the engine, which collects nothing.
 */
const loop: Operator = (call) => {
  const trips = call.number(0) ?? Number.POSITIVE_INFINITY
  const condition = call.values[1] ?? integer(1)
  const initial = call.values.slice(2) as Value[]
  const body = call.graph('body')
  let goOn = condition
  let carry = initial
  const rows: Value[][] = []
  for (let i = 0; i < trips && isOn(goOn); i++) {
    if (i >= mostIterations) call.fail(`it runs more than ${mostIterations} times`)
    const [next, ...results] = body([integer(i), goOn, ...carry])
    goOn = next
    carry = results.slice(0, initial.length)
    rows.push(results.slice(initial.length))
  }
  if (!goOn.known) return openLoop(call, body, condition, initial, trips)
  const scans = (rows[0] ?? []).map((_, k) => stacked(rows.map((row) => row[k])))
  return [...carry, ...scans]
}

/** Whether a condition is known to hold. */
const isOn = ({ known }: Value): boolean => known !== undefined && known.data[0] !== 0

function openLoop(call: Call, body: Subgraph, condition: Value, initial: readonly Value[], trips: number): Value[] {
  if (call.node.outputs.length > initial.length) call.fail('it collects rows, so its condition must be known while tracing')
  const typed = (tensor: Tensor, k: number): Value => ({ tensor, narrow: initial[k].narrow })
  const end = whileLoop(
    ({ goOn }) => goOn,
    ({ i, goOn, carry }) => {
      const [next, ...results] = body([{ tensor: i }, { tensor: goOn }, ...carry.map(typed)])
      return { i: add(i, 1), goOn: reshape(next.tensor, []), carry: results.map(({ tensor }) => tensor) }
    },
    { i: scalar(0, 'int32'), goOn: reshape(cast(condition.tensor, 'bool'), []), carry: initial.map(({ tensor }) => tensor) },
    { maxIterations: Math.min(trips, 2 ** 31 - 1) },
  )
  return end.carry.map(typed)
}

const scan: Operator = (call) => {
  if (call.opset < 9) call.fail('Scan before version 9, which has lengths of sequences, is not read')
  const count = call.integer('num_scan_inputs')
  const states = call.values.length - count
  const directions = (name: string) => call.integers(name) ?? []
  const columns = call.inputs.slice(states).map((x, i) => {
    const { narrow } = call.values[states + i]!
    const axis = call.axis(directions('scan_input_axes')[i] ?? 0, x.shape.length)
    return { axis, narrow, x: directions('scan_input_directions')[i] === 1 ? flip(x, { axes: [axis] }) : x }
  })
  const body = call.graph('body')
  const length = columns[0].x.shape[columns[0].axis]
  if (length > mostIterations) call.fail(`it runs more than ${mostIterations} times`)
  let carry = call.values.slice(0, states) as Value[]
  const rows: Value[][] = []
  for (let i = 0; i < length; i++) {
    const results = body([...carry, ...columns.map(({ x, axis, narrow }) => ({ tensor: select(x, i, { axis }), narrow }))])
    carry = results.slice(0, states)
    rows.push(results.slice(states))
  }
  const scans = (rows[0] ?? []).map((_, k) => {
    const order = directions('scan_output_directions')[k] === 1 ? rows.toReversed() : rows
    return stacked(
      order.map((row) => row[k]),
      call.axis(directions('scan_output_axes')[k] ?? 0, rows[0][k].tensor.shape.length + 1),
    )
  })
  return [...carry, ...scans]
}

/** The operators that hold graphs. */
export const controlOperators: Operators = { If: branch, Loop: loop, Scan: scan }
