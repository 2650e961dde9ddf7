import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { evaluate, fromArray, InputError, type NDArray, type Tensor } from '../src/engine/index.ts'
import type { OnnxTensor, OnnxType } from '../src/engine/onnx/format.ts'
import { type ImportedModel, importOnnx } from '../src/engine/onnx/import.ts'
import { readModel, readTensor } from '../src/engine/onnx/read.ts'
import { arrayOf } from '../src/engine/onnx/tensors.ts'
import { keep, python, workFolder } from './python.ts'

const folder = workFolder('node')

/** That of the standard's own runner; halves, which Quire computes in float32, differ by their rounding. */
const relative: Partial<Record<OnnxType, number>> = { float16: 2e-3, bfloat16: 1.6e-2 }
const tolerance = { relative: 1e-3, absolute: 1e-7 }

function difference(actual: NDArray, expected: NDArray, stored: OnnxType): string | undefined {
  if (`${actual.shape}` !== `${expected.shape}`) return `shape [${actual.shape}] instead of [${expected.shape}]`
  if (actual.dtype !== expected.dtype) return `${actual.dtype} instead of ${expected.dtype}`
  for (let i = 0; i < expected.data.length; i++) {
    const [a, b] = [actual.data[i], expected.data[i]]
    if (Object.is(a, b) || a === b) continue
    if (!(Math.abs(a - b) <= tolerance.absolute + (relative[stored] ?? tolerance.relative) * Math.abs(b)))
      return `element ${i} is ${a} instead of ${b}`
  }
  return undefined
}

/** Inputs are tensors; where that is refused, integers are host arrays, then everything is. */
function applied(model: ImportedModel, given: NDArray[]): Record<string, Tensor> {
  const kinds = [() => false, ({ dtype }: NDArray) => dtype === 'int32' || dtype === 'bool', () => true]
  for (const isKnown of kinds) {
    try {
      return model.apply(
        model.parameters,
        Object.fromEntries(model.inputs.map(({ name }, i) => [name, isKnown(given[i]) ? given[i] : fromArray(given[i])])),
      )
    } catch (error) {
      if (!/must be known while tracing/.test((error as Error).message) || isKnown === kinds[2]) throw error
    }
  }
  throw new Error('unreachable')
}

async function judge(place: string): Promise<string | undefined> {
  const bytes = readFileSync(join(place, 'model.onnx'))
  const model = importOnnx(bytes)
  for (const set of readdirSync(place).filter((name) => name.startsWith('test_data_set'))) {
    const tensors = (kind: string): OnnxTensor[] => {
      const found: OnnxTensor[] = []
      for (let i = 0; existsSync(join(place, set, `${kind}_${i}.pb`)); i++)
        found.push(readTensor(readFileSync(join(place, set, `${kind}_${i}.pb`))))
      return found
    }
    const given = tensors('input').map((tensor) => arrayOf(tensor))
    const outputs = Object.values(applied(model, given))
    await evaluate(outputs)
    const expected = tensors('output')
    for (const [i, output] of outputs.entries()) {
      const fault = difference(await output.ndarray(), arrayOf(expected[i]), expected[i].dtype)
      if (fault) return fault
    }
  }
  return undefined
}

/** Why a case is outside of the list of operators and types that are read. */
const outside =
  /is not read; Quire reads|elements of type \d+ are not read|strings are not read|sequences, maps, optional|elements of type \d+ are not known/

/** One line for what went wrong, the same for cases that went wrong in the same way. */
const shortened = (fault: string): string =>
  fault
    .replace(/^onnx: \S+ '[^']*': /, '')
    .replace(/element \d+ is \S+ instead of \S+/, 'another number')
    .replace(/; given .*/, '')

test('the standard’s own tests of the operators that are read', async () => {
  const { version } = python('node_cases.py', folder) as { version: string }
  const rows = new Map<string, { passed: number; total: number; faults: Map<string, number> }>()
  const wrong: string[] = []
  let other = 0
  for (const name of readdirSync(folder)) {
    let fault: string | undefined
    let operator = 'several'
    try {
      const { nodes } = readModel(readFileSync(join(folder, name, 'model.onnx'))).graph
      if (nodes.length === 1) operator = nodes[0].type
      else if (name.includes('_expanded')) operator = 'functions of the standard, written out'
      fault = await judge(join(folder, name))
      if (fault !== undefined) wrong.push(`${name}: ${fault}`)
    } catch (error) {
      if (!(error instanceof InputError)) throw new Error(`${name}: ${(error as Error).message}`)
      fault = error.message
    }
    if (fault !== undefined && outside.test(fault)) {
      other++
      continue
    }
    const row = rows.get(operator) ?? { passed: 0, total: 0, faults: new Map<string, number>() }
    rows.set(operator, row)
    row.total++
    if (fault === undefined) row.passed++
    else row.faults.set(shortened(fault), (row.faults.get(shortened(fault)) ?? 0) + 1)
  }
  const listed = [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([operator, { faults, ...row }]) => ({ operator, ...row, faults: [...faults].map(([why, count]) => ({ why, count })) }))
  const sum = (key: 'passed' | 'total') => listed.reduce((total, row) => total + row[key], 0)
  keep('onnx-node', { version, rows: listed, passed: sum('passed'), total: sum('total'), other: { cases: other } })
  // A case may be refused, with the reason; what is computed must be right.
  expect(wrong).toEqual([])
  expect(sum('passed')).toBeGreaterThan(1000)
})
