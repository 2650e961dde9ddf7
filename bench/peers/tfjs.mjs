/** TensorFlow.js on its WebAssembly backend (SIMD; threads where asked). */
import { createRequire } from 'node:module'
import { lendBlobFiles } from './browser-workers.mjs'
import { load, measure, readArguments } from './harness.mjs'
import { fromFiles, images } from './layout.mjs'
import { models } from './tfjs-models.mjs'

const require = createRequire(import.meta.url)
const os = require('node:os')
const tf = require('@tensorflow/tfjs')
const wasm = require('@tensorflow/tfjs-backend-wasm')

const args = readArguments()
if (args.threads > 1) {
  // tfjs leaves its threaded build off in Node; with its two worker scripts as files it works there, so it is given the chance.
  const missing = ['fs', 'path', 'worker_threads', 'perf_hooks', 'os'].map((name, i) => `var require$$${i} = require('${name}')\n`)
  missing.push('var commonjsGlobal = globalThis\n')
  lendBlobFiles(args.work, (script, [main]) =>
    main ? script.replace('URL.createObjectURL(e.data.urlOrBlob)', JSON.stringify(main)) : missing.join('') + script,
  )
  // It takes at most half of the cores that it sees.
  const cores = Array.from({ length: args.threads * 2 }, () => os.cpus()[0])
  os.cpus = () => cores
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', true)
  wasm.setThreadsCount(args.threads)
}
await tf.setBackend('wasm')
await tf.ready()
const threads = wasm.getThreadsCount()
if (threads !== args.threads) throw new Error(`tfjs uses ${threads} threads, not ${args.threads}`)

const { spec, weights, batches } = load(args)
const toTensor = ({ shape, data }) => tf.tensor(data, shape, data instanceof Int32Array ? 'int32' : 'float32')
const initial = Object.fromEntries(Object.entries(weights).map(([name, value]) => [name, toTensor(fromFiles(value))]))
const params = Object.fromEntries(Object.entries(initial).map(([name, value]) => [name, tf.variable(value, true, name)]))

const model = models(tf, spec, params)
const { learningRate, beta1, beta2, epsilon } = spec.optimizer
const data = batches.map(({ x, y }) => ({ x: toTensor(images(x)), y: toTensor(images(y)) }))
let optimizer

function reset() {
  optimizer?.dispose()
  optimizer = tf.train.adam(learningRate, beta1, beta2, epsilon)
  tf.tidy(() => {
    for (const [name, value] of Object.entries(initial)) params[name].assign(value.clone())
  })
}

function step(i) {
  const { x, y } = data[i]
  const cost = optimizer.minimize(() => {
    const output = model(x)
    if (spec.kind === 'unet') return tf.mean(tf.squaredDifference(output, y))
    return tf.losses.softmaxCrossEntropy(tf.oneHot(tf.reshape(y, [-1]), output.shape[1]), output)
  }, true)
  const [loss] = cost.dataSync()
  cost.dispose()
  return loss
}

reset()
await measure(args, spec, step, reset, { tfjs: tf.version.tfjs, 'tfjs-backend-wasm': wasm.version_wasm })
