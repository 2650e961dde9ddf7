// One rank of bench/scaling.mjs: `workloads`, `messages` or `steps NAME`; rank 0 prints JSON.
import { configureRuntime, key, ndarray, random } from '../../dist/engine/index.js'
import { groupLasso, ramda } from '../../dist/methods/ramda/index.js'
import { crossEntropy, mlp, transformer } from '../../dist/nn/index.js'
import { adam } from '../../dist/optim/index.js'
import { toArrays, trainStep } from '../../dist/train/index.js'
import { joinRanks } from '../../dist/train/parallel/index.js'

const blocks = 6
configureRuntime({ threads: 1 })
const ranks = await joinRanks(process.env)
const { communicator } = ranks

const images = async (rows) => ({
  x: await random.normal(key(1), [rows, 784]).ndarray(),
  y: ndarray(
    Int32Array.from({ length: rows }, (_, i) => i % 10),
    [rows],
    'int32',
  ),
})
const windows = async (rows) => {
  const tokens = Int32Array.from({ length: rows * 64 }, (_, i) => (i * 7919) % 65)
  return { x: ndarray(tokens, [rows, 64], 'int32'), y: ndarray(tokens.slice(), [rows, 64], 'int32') }
}

const workloads = {
  transformer: {
    title: 'A transformer, 4 layers of width 128, on 64 windows of 64 characters, Adam',
    model: transformer({ vocabulary: 65, context: 64, width: 128, heads: 4, layers: 4 }),
    optimizer: adam({ learningRate: 1e-3 }),
    batch: windows,
    rows: 64,
    shards: 64,
    steps: 1,
  },
  ramda: {
    title: 'RAMDA on the network 784-128-64-10, 128 images',
    model: mlp({ sizes: [784, 128, 64, 10] }),
    optimizer: ramda({ learningRate: 0.01, momentum: 0.1, regularizer: groupLasso(1e-3, { by: 'input' }), milestones: [] }),
    batch: images,
    rows: 128,
    shards: 8,
    steps: 20,
  },
}

/** Seconds of a step: the fastest block, at rank 0. */
async function secondsOf({ model, optimizer, batch, steps }, rows, parallel) {
  const step = trainStep((params, { x, y }) => crossEntropy(model.apply(params, x), y), optimizer, parallel)
  const data = await batch(rows)
  let state = step.init(model.init(key(0)))
  const times = []
  for (let block = -1; block < blocks; block++) {
    const begun = performance.now()
    for (let i = 0; i < steps; i++) state = await step(state, data)
    if (block >= 0) times.push((performance.now() - begun) / 1000 / steps)
  }
  return Math.min(...times)
}

async function stepTimes(name) {
  const workload = workloads[name]
  const { shards, rows } = workload
  const single = ranks.size === 1
  return {
    whole: single ? await secondsOf(workload, rows) : undefined,
    sharded: await secondsOf(workload, rows, { shards, communicator }),
    halfAsMany: single ? await secondsOf(workload, rows / 2, { shards: shards / 2, communicator }) : undefined,
    fast: await secondsOf(workload, rows, { shards: 'fast', communicator }),
  }
}

/** Ping-pong between two ranks, and how fast vectors are added. */
async function messageTimes() {
  const sizes = []
  for (const floats of [1, 256, 16_384, 262_144, 2_097_152]) {
    const data = new Float32Array(floats)
    const rounds = Math.max(20, Math.min(2000, 4e6 / floats))
    const times = []
    for (let block = 0; block < blocks; block++) {
      const begun = performance.now()
      for (let i = 0; i < rounds; i++) {
        if (ranks.rank === 0) {
          await communicator.send(data, 1)
          await communicator.receive(data, 1)
        } else {
          await communicator.receive(data, 0)
          await communicator.send(data, 0)
        }
      }
      times.push((performance.now() - begun) / 1000 / rounds / 2)
    }
    sizes.push({ bytes: 4 * floats, seconds: Math.min(...times) })
  }
  const { bytes, seconds } = sizes.at(-1)
  return { sizes, latency: sizes[0].seconds, bandwidth: bytes / (seconds - sizes[0].seconds), additions: additionRate() }
}

function additionRate() {
  const [a, b] = [new Float32Array(1e6), new Float32Array(1e6).fill(1e-3)]
  let fastest = Number.POSITIVE_INFINITY
  for (let block = 0; block < 10; block++) {
    const begun = performance.now()
    for (let i = 0; i < a.length; i++) a[i] = a[i] + b[i]
    fastest = Math.min(fastest, performance.now() - begun)
  }
  return a.length / (fastest / 1000)
}

async function described() {
  const one = async ([name, { title, model, shards }]) => {
    const arrays = Object.values(await toArrays(model.init(key(0))))
    return { name, title, shards, blocks, parameters: arrays.reduce((total, { data }) => total + data.length, 0) }
  }
  return Promise.all(Object.entries(workloads).map(one))
}

const [what, name] = process.argv.slice(2)
const result = await { workloads: described, messages: messageTimes, steps: () => stepTimes(name) }[what]()
if (ranks.rank === 0) console.log(JSON.stringify(result))
await ranks.leave()
process.exit(0)
