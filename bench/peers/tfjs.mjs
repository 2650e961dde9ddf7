/** TensorFlow.js on its WebAssembly backend (SIMD; threads where asked). */
import { createRequire } from 'node:module'
import { lendBlobFiles } from './browser-workers.mjs'
import { load, measure, readArguments } from './harness.mjs'

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
const initial = Object.fromEntries(Object.entries(weights).map(([name, value]) => [name, toTensor(value)]))
const params = Object.fromEntries(Object.entries(initial).map(([name, value]) => [name, tf.variable(value, true, name)]))

/**
 * x @ w. The wasm backend gives only plain 2-D products to XNNPACK and computes a product with a transposed operand, which is what its own
 * derivative of matMul asks for, some ten times slower; transposing first is far faster.
 */
const product = tf.customGrad((x, w, save) => {
  save([x, w])
  const gradFunc = (dy, [x, w]) => [tf.matMul(dy, tf.transpose(w)), tf.matMul(tf.transpose(x), dy)]
  return { value: tf.matMul(x, w), gradFunc }
})

const affine = (name, x) => tf.add(product(x, params[`${name}.weight`]), params[`${name}.bias`])

function mlp(x) {
  const layers = spec.sizes.length - 1
  let h = x
  for (let i = 0; i < layers; i++) {
    h = affine(`layers.${i}`, h)
    if (i < layers - 1) h = tf.relu(h)
  }
  return h
}

/** Rows of a table. tfjs derives gather by a segment sum that its wasm backend lacks; the sum is a product with one-hot rows. */
const lookUp = tf.customGrad((table, indices, save) => {
  save([indices])
  const gradFunc = (dy, [ids]) => [tf.matMul(tf.transpose(tf.cast(tf.oneHot(ids, table.shape[0]), 'float32')), dy), tf.zerosLike(ids)]
  return { value: tf.gather(table, indices), gradFunc }
})

function layerNorm(name, x) {
  const centred = tf.sub(x, tf.mean(x, -1, true))
  const variance = tf.mean(tf.square(centred), -1, true)
  return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5))), params[`${name}.weight`]), params[`${name}.bias`])
}

const gelu = (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1))
const mask =
  spec.kind === 'gpt' && tf.tidy(() => tf.keep(tf.mul(tf.sub(1, tf.linalg.bandPart(tf.ones([spec.context, spec.context]), -1, 0)), -1e9)))

// Activations are kept as [batch * time, width]: products with the weights are then plain matrix products.
function gpt(tokens) {
  const [batch, time] = tokens.shape
  const { width, heads } = spec
  const depth = width / heads
  const split = (x) => tf.transpose(tf.reshape(x, [batch, time, heads, depth]), [0, 2, 1, 3])
  const embedded = tf.reshape(lookUp(params.tokens, tf.reshape(tokens, [-1])), [batch, time, width])
  let x = tf.reshape(tf.add(embedded, params.positions), [batch * time, width])
  for (let i = 0; i < spec.layers; i++) {
    const name = `blocks.${i}`
    const [q, k, v] = tf.split(affine(`${name}.qkv`, layerNorm(`${name}.norm1`, x)), 3, 1).map(split)
    const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(depth)), mask)
    const attended = tf.reshape(tf.transpose(tf.matMul(tf.softmax(scores), v), [0, 2, 1, 3]), [batch * time, width])
    x = tf.add(x, affine(`${name}.proj`, attended))
    x = tf.add(x, affine(`${name}.down`, gelu(affine(`${name}.up`, layerNorm(`${name}.norm2`, x)))))
  }
  return affine('head', layerNorm('norm', x))
}

const model = spec.kind === 'mlp' ? mlp : gpt
const { learningRate, beta1, beta2, epsilon } = spec.optimizer
const data = batches.map(({ x, y }) => ({ x: toTensor(x), y: toTensor(y) }))
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
    const logits = model(x)
    return tf.losses.softmaxCrossEntropy(tf.oneHot(tf.reshape(y, [-1]), logits.shape[1]), logits)
  }, true)
  const [loss] = cost.dataSync()
  cost.dispose()
  return loss
}

reset()
await measure(args, spec, step, reset, { tfjs: tf.version.tfjs, 'tfjs-backend-wasm': wasm.version_wasm })
