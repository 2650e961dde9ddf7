import { expect, test } from 'vitest'
import * as fft from '../fft.ts'
import { add, configureRuntime, evaluate, getRuntime, InputError, key, random, reference, tensor } from '../index.ts'
import { modelOf, writeModel } from '../onnx/write.ts'
import { expectAllClose } from '../testing/checks.ts'
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

test('evaluations that overlap do not disturb each other', async () => {
  const x = { re: random.normal(key(1), [3, 4, 2]), im: random.normal(key(2), [3, 4, 2]) }
  const asked = [x, fft.fft(x, { axis: 1 }), fft.fftn(x, { axes: [0, 1] }), fft.fft(x, { axis: 0 })].map(({ re, im }) => [re, im])
  const expected = asked.map((parts) => reference(parts))
  const found = await Promise.all(asked.map(async (parts) => Promise.all((await evaluate(parts)).map((part) => part.ndarray()))))
  found.forEach((parts, i) => {
    expectAllClose(parts, expected[i])
  })
})
