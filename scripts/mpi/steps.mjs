// Forty training steps of three models, on as many ranks as mpirun has started. Rank 0 prints a line of JSON: hashes of all that was trained.
import { createHash } from 'node:crypto'
import { configureRuntime, key, ndarray, random } from '../../dist/engine/index.js'
import { groupLasso, ramda } from '../../dist/methods/ramda/index.js'
import { crossEntropy, mlp, transformer } from '../../dist/nn/index.js'
import { adam } from '../../dist/optim/index.js'
import { toArrays, trainStep } from '../../dist/train/index.js'
import { joinRanks } from '../../dist/train/parallel/index.js'

const steps = 40
configureRuntime({ threads: 1 })

/** Rows that a rule labels. */
async function digits(step, rows) {
  const x = await random.normal(key(step), [rows, 64]).ndarray()
  const y = Int32Array.from({ length: rows }, (_, i) => (x.data[64 * i] > 0 ? 1 : 0) + (x.data[64 * i + 1] > 0 ? 2 : 0))
  return { x, y: ndarray(y, [rows], 'int32') }
}

/** Windows of a text that counts up, from anywhere. */
async function text(step, rows) {
  const starts = await random.uniform(key(step), [rows]).data()
  const at = (shift) => Int32Array.from({ length: rows * 16 }, (_, i) => (Math.floor(starts[i >> 4] * 32) + (i & 15) + shift) % 32)
  return { x: ndarray(at(0), [rows, 16], 'int32'), y: ndarray(at(1), [rows, 16], 'int32') }
}

const network = mlp({ sizes: [64, 48, 4] })
const models = {
  mlp: { model: network, batches: digits, optimizer: adam({ learningRate: 3e-3 }) },
  transformer: {
    model: transformer({ vocabulary: 32, context: 16, width: 32, heads: 4, layers: 2 }),
    batches: text,
    optimizer: adam({ learningRate: 3e-3 }),
  },
  ramda: {
    model: network,
    batches: digits,
    optimizer: ramda({ learningRate: 0.05, momentum: 0.1, regularizer: groupLasso(1e-3, { by: 'input' }), milestones: [12, 24] }),
  },
}

async function trained({ model, batches, optimizer }, parallel) {
  const step = trainStep((params, { x, y }) => crossEntropy(model.apply(params, x), y), optimizer, parallel)
  let state = step.init(model.init(key(0)))
  let loss = 0
  // Each tenth batch is one that the shards do not divide.
  for (let i = 0; i < steps; i++) ({ loss, ...state } = await step(state, await batches(i, i % 10 === 9 ? 27 : 32)))
  const hash = createHash('sha256')
  const arrays = await toArrays({ params: state.params, optimizer: state.optimizer })
  for (const { data } of Object.values(arrays)) hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  return {
    loss,
    sha256: hash.digest('hex'),
    weights: Object.entries(arrays).flatMap(([path, { data }]) => (path.startsWith('params') ? [...data] : [])),
  }
}

const ranks = await joinRanks(process.env)
const communicator = ranks?.communicator
const exact = {}
for (const [name, model] of Object.entries(models)) exact[name] = await trained(model, { shards: 8, communicator })
const found = Object.fromEntries(Object.entries(exact).map(([name, { sha256 }]) => [name, sha256]))
if (ranks) {
  const fast = await trained(models.mlp, { shards: 'fast', communicator })
  found.fast = fast.sha256
  found.difference = Math.max(...fast.weights.map((w, i) => Math.abs(w - exact.mlp.weights[i])))
}
if (!ranks || ranks.rank === 0) console.log(JSON.stringify({ ...found, loss: exact.mlp.loss, size: ranks?.size ?? 1 }))
await ranks?.leave()
process.exit(0)
