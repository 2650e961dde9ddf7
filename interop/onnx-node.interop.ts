import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import { evaluate, fromArray, InputError, type NDArray, type Tensor } from '../src/engine/index.ts'
import { type ImportedModel, importOnnx } from '../src/engine/onnx/import.ts'
import { readModel, readTensor } from '../src/engine/onnx/read.ts'
import { arrayOf, dtypeOf } from '../src/engine/onnx/tensors.ts'

const folder = join(import.meta.dirname, '.work', 'node')

const tolerance = { relative: 1e-3, absolute: 1e-7 }

function difference(actual: NDArray, expected: NDArray): string | undefined {
  if (`${actual.shape}` !== `${expected.shape}`) return `shape [${actual.shape}] instead of [${expected.shape}]`
  if (actual.dtype !== expected.dtype) return `${actual.dtype} instead of ${expected.dtype}`
  for (let i = 0; i < expected.data.length; i++) {
    const [a, b] = [actual.data[i], expected.data[i]]
    if (Object.is(a, b) || a === b) continue
    if (!(Math.abs(a - b) <= tolerance.absolute + tolerance.relative * Math.abs(b))) return `element ${i} is ${a} instead of ${b}`
  }
  return undefined
}

/** Inputs are tensors; where that is refused, integers are host arrays, then everything is. */
function applied(model: ImportedModel, given: NDArray[]): Record<string, Tensor> {
  const kinds = [() => false, ({ dtype }: NDArray) => dtype === 'int32' || dtype === 'bool', () => true]
  for (const isKnown of kinds) {
    try {
      return model.apply(model.parameters, Object.fromEntries(model.inputs.map(({ name }, i) => [name, isKnown(given[i]) ? given[i] : fromArray(given[i])])))
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
    const tensors = (kind: string): NDArray[] => {
      const found: NDArray[] = []
      for (let i = 0; existsSync(join(place, set, `${kind}_${i}.pb`)); i++) found.push(arrayOf(readTensor(readFileSync(join(place, set, `${kind}_${i}.pb`)))))
      return found
    }
    const given = tensors('input')
    const outputs = Object.values(applied(model, given))
    await evaluate(outputs)
    const expected = tensors('output')
    for (const [i, output] of outputs.entries()) {
      const fault = difference(await output.ndarray(), expected[i])
      if (fault) return fault
    }
  }
  return undefined
}

test('node tests', async () => {
  const lines: string[] = []
  for (const name of readdirSync(folder)) {
    if (process.env.ONLY && !name.includes(process.env.ONLY)) continue
    let fault: string | undefined
    try {
      fault = await judge(join(folder, name))
    } catch (error) {
      fault = `${error instanceof InputError ? '' : 'THROWN '}${(error as Error).message.split('\n')[0]}`
      if (process.env.ONLY) console.log((error as Error).stack)
    }
    lines.push(`${fault === undefined ? 'ok' : 'FAIL'} ${name}: ${(fault ?? '').slice(0, 200)}`)
  }
  writeFileSync('/tmp/node.txt', lines.join('\n'))
})
