import { expect, test } from 'vitest'
import { add, configureRuntime, evaluate, getRuntime, InputError, tensor } from '../index.ts'
import { modelOf, writeModel } from '../onnx/write.ts'
import { tried } from './probe.ts'

test('QUIRE_RUNTIME says which runtime the tests run on', async () => {
  const { name, version, threads } = await getRuntime()
  const wanted = globalThis.process?.env?.QUIRE_RUNTIME === 'wasm' || !globalThis.process ? 'onnxruntime-web (wasm)' : /^onnxruntime-/
  expect(name).toMatch(wanted)
  expect(version).toMatch(/^\d+\.\d+/)
  expect(threads).toBeGreaterThanOrEqual(1)
})

test('once in use, a runtime is not exchanged', async () => {
  await evaluate(add(tensor([1]), 1))
  expect(() => configureRuntime({ threads: 1 })).toThrow(
    'the runtime is already in use; call configureRuntime before anything is evaluated',
  )
})

test('a runtime that does not take our models says so in one line', async () => {
  const runtime = await getRuntime()
  await expect(tried(runtime)).resolves.toBe(runtime)
  const graph = { name: 'g', inputs: [], nodes: [], outputs: [], initializers: [] }
  const fromTheFuture = writeModel(modelOf(graph, { opsets: { '': 999 } })).model
  const old = { ...runtime, createSession: () => runtime.createSession(fromTheFuture, { inputs: [], outputs: [], results: [] }) }
  await expect(tried(old)).rejects.toThrow(InputError)
  await expect(tried(old)).rejects.toThrow(
    /^onnxruntime-.* does not take models of ONNX opset \d+: [^\n]+; npm install onnxruntime-web@1.30 onnxruntime-node@1.30$/,
  )
})
