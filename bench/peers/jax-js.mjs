/** jax-js on its WebAssembly backend: the whole training step under one jit. `.ref` keeps an array that is used again. */

import { readFileSync } from 'node:fs'
import { lendWorkers } from './browser-workers.mjs'
import { load, measure, readArguments } from './harness.mjs'

const args = readArguments()
if (args.threads > 1) lendWorkers(args.work, args.threads)
const { defaultDevice, init, jit, nn, numpy: np, tree, valueAndGrad, blockUntilReady } = await import('@jax-js/jax')
await init('wasm')
defaultDevice('wasm')

const { spec, weights, batches } = load(args)
const toArray = ({ shape, data }) => np.array(data, { shape, dtype: data instanceof Int32Array ? np.int32 : np.float32 })

const affine = (params, name, x) => np.matmul(x, params[`${name}.weight`].ref).add(params[`${name}.bias`].ref)

function mlp(params, x) {
  const layers = spec.sizes.length - 1
  let h = x
  for (let i = 0; i < layers; i++) {
    h = affine(params, `layers.${i}`, h)
    if (i < layers - 1) h = nn.relu(h)
  }
  return h
}

const layerNorm = (params, name, x) => nn.standardize(x).mul(params[`${name}.weight`].ref).add(params[`${name}.bias`].ref)

/** As nn.dotProductAttention, which needs Node 22 (iterator helpers) and is slower here: causal, over [batch, time, heads, depth]. */
function attention(...qkv) {
  const [q, k, v] = qkv.map((x) => np.transpose(x, [0, 2, 1, 3]))
  const [time, depth] = q.shape.slice(-2)
  const scores = np.matmul(q, np.transpose(k, [0, 1, 3, 2])).mul(1 / Math.sqrt(depth))
  const causal = np.where(np.tri(time, time, 0, { dtype: np.bool }), scores, -1e9)
  return np.transpose(np.matmul(nn.softmax(causal), v), [0, 2, 1, 3])
}

function gpt(params, tokens) {
  const [batch, time] = tokens.shape
  const { width, heads, vocab } = spec
  let x = np.matmul(nn.oneHot(tokens, vocab), params.tokens.ref).add(params.positions.ref)
  for (let i = 0; i < spec.layers; i++) {
    const name = `blocks.${i}`
    const qkv = affine(params, `${name}.qkv`, layerNorm(params, `${name}.norm1`, x.ref))
    const attended = attention(...np.split(qkv, 3, -1).map((part) => part.reshape([batch, time, heads, width / heads])))
    x = x.add(affine(params, `${name}.proj`, attended.reshape([batch, time, width])))
    const hidden = nn.gelu(affine(params, `${name}.up`, layerNorm(params, `${name}.norm2`, x.ref)), { approximate: false })
    x = x.add(affine(params, `${name}.down`, hidden))
  }
  return affine(params, 'head', layerNorm(params, 'norm', x))
}

const model = spec.kind === 'mlp' ? mlp : gpt

function objective(params, x, y) {
  const logits = model(params, x)
  const classes = logits.shape.at(-1)
  const loss = np.mean(np.sum(nn.logSoftmax(logits).mul(nn.oneHot(y, classes)), -1)).mul(-1)
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

const data = batches.map(({ x, y }) => ({ x: toArray(x), y: toArray(y) }))
let params
let m
let v
let t

function reset() {
  for (const old of [params, m, v]) if (old) tree.dispose(old)
  const fresh = (make) => Object.fromEntries(Object.entries(weights).map(([name, value]) => [name, make(value)]))
  params = fresh(toArray)
  m = fresh(({ shape }) => np.zeros(shape))
  v = fresh(({ shape }) => np.zeros(shape))
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
