/** What trainStep adds to the runtime's own call: a tiny network's step, beside the bare call of the same graph on the same kind of buffers. */
import { createRequire } from 'node:module'
import { evaluate, getRuntime, key } from '../../dist/engine/index.js'
import { crossEntropy, mlp } from '../../dist/nn/index.js'
import { adam } from '../../dist/optim/index.js'
import { trainStep } from '../../dist/train/index.js'
import { median, report } from '../peers/harness.mjs'
import { args, timesOf, tiny } from './step.mjs'

const blocks = args.quick ? 4 : 20
const perBlock = args.quick ? 200 : 1000

const runtime = await getRuntime()
const model = mlp({ sizes: tiny.sizes })
const train = trainStep((params, { x, y }) => crossEntropy(model.apply(params, x), y), adam({ learningRate: 1e-3 }))
let state = await evaluate(train.init(model.init(key(0))))

// The model that trainStep gives to the runtime is noted on its way.
const { createSession } = runtime
let compiled
runtime.createSession = (model, signature) => {
  compiled = { model, signature }
  return createSession(model, signature)
}
state = await train(state, tiny.batch)

const require = createRequire(import.meta.url)
const ort = require('onnxruntime-node')
const { binding } = require('onnxruntime-node/dist/binding.js')
const session = new binding.InferenceSession()
session.loadModel(compiled.model.buffer, compiled.model.byteOffset, compiled.model.byteLength, {
  executionProviders: ['cpu'],
  graphOptimizationLevel: 'basic',
  intraOpNumThreads: args.threads,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  logSeverityLevel: 4,
})
const { outputs, results } = compiled.signature
const arrays = { float32: Float32Array, int32: Int32Array }
/** The runtime's numbers of dtypes, as its sessions tell them. */
const dtypes = { 1: 'float32', 6: 'int32' }
const zeros = ({ shape, dtype }) => {
  const count = shape.reduce((a, b) => a * b, 1)
  return new ort.Tensor(dtype, new arrays[dtype](count), shape)
}
const feeds = Object.fromEntries(session.inputMetadata.map(({ name, shape, type }) => [name, zeros({ shape, dtype: dtypes[type] })]))
const fetches = Object.fromEntries(outputs.map((name, i) => [name, zeros(results[i])]))

const steps = []
const calls = []
for (let block = 0; block < blocks; block++) {
  steps.push(
    median(
      await timesOf(perBlock, async () => {
        state = await train(state, tiny.batch)
      }),
    ),
  )
  calls.push(median(await timesOf(perBlock, () => session.run(feeds, fetches, {}))))
}
const [stepUs, callUs] = [steps, calls].map((times) => 1000 * median(times))
report({ stepUs, callUs, overheadUs: stepUs - callUs })
