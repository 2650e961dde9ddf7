/** jax-js on its WebAssembly backend: the whole training step under one jit. `.ref` keeps an array that is used again. */

import { readFileSync } from 'node:fs'
import { lendWorkers } from './browser-workers.mjs'
import { load, measure, readArguments } from './harness.mjs'
import { models } from './jax-js-models.mjs'
import { fromFiles, images } from './layout.mjs'

const args = readArguments()
if (args.threads > 1) lendWorkers(args.work, args.threads)
const jax = await import('@jax-js/jax')
const { defaultDevice, init, jit, nn, numpy: np, tree, valueAndGrad, blockUntilReady } = jax
await init('wasm')
defaultDevice('wasm')

const { spec, weights, batches } = load(args)
const toArray = ({ shape, data }) => np.array(data, { shape, dtype: data instanceof Int32Array ? np.int32 : np.float32 })

const model = models(jax)[spec.kind]

function objective(params, x, y) {
  const output = model(spec, params, x)
  const loss =
    spec.kind === 'unet'
      ? np.mean(np.square(output.sub(y)))
      : np.mean(np.sum(nn.logSoftmax(output).mul(nn.oneHot(y, output.shape.at(-1))), -1)).mul(-1)
  tree.dispose(params)
  return loss
}

const { learningRate, beta1, beta2, epsilon } = spec.optimizer

// c1 and c2 are Adam's bias corrections, scalars that the host knows.
const train = jit((params, m, v, c1, c2, x, y) => {
  const [loss, gradients] = valueAndGrad(objective)(tree.ref(params), x, y)
  const next = { params: {}, m: {}, v: {} }
  for (const name of Object.keys(params)) {
    const g = gradients[name]
    const m1 = m[name].mul(beta1).add(g.ref.mul(1 - beta1))
    const v1 = v[name].mul(beta2).add(np.square(g).mul(1 - beta2))
    const change = m1.ref
      .div(c1.ref)
      .div(np.sqrt(v1.ref.div(c2.ref)).add(epsilon))
      .mul(learningRate)
    next.params[name] = params[name].sub(change)
    next.m[name] = m1
    next.v[name] = v1
  }
  c1.dispose()
  c2.dispose()
  return [loss, next.params, next.m, next.v]
})

const data = batches.map(({ x, y }) => ({ x: toArray(images(x)), y: toArray(images(y)) }))
let params
let m
let v
let t

function reset() {
  for (const old of [params, m, v]) if (old) tree.dispose(old)
  const fresh = (make) => Object.fromEntries(Object.entries(weights).map(([name, value]) => [name, make(value)]))
  params = fresh((value) => toArray(fromFiles(value)))
  const zeros = (value) => np.zeros(fromFiles(value).shape)
  m = fresh(zeros)
  v = fresh(zeros)
  t = 0
}

async function step(i) {
  const { x, y } = data[i]
  t++
  let loss
  ;[loss, params, m, v] = train(params, m, v, np.array(1 - beta1 ** t), np.array(1 - beta2 ** t), x.ref, y.ref)
  await blockUntilReady([params, m, v])
  const [value] = await loss.data()
  return value
}

reset()
const { version } = JSON.parse(readFileSync(new URL('../node_modules/@jax-js/jax/package.json', import.meta.url), 'utf8'))
await measure(args, spec, step, reset, { 'jax-js': version })
