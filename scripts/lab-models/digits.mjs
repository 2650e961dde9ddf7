// Classifiers of digits whose explanations are compared: those of a run of r2et (odd or even), and the same trained on all ten classes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { everyFifth, loadMnist, rows, take } from '../../dist/data/index.js'
import { evaluate, fold, fromArray, key, ndarray } from '../../dist/engine/index.js'
import { readSafetensors } from '../../dist/engine/safetensors.js'
import { audit, fitModel, smoothNetwork } from '../../dist/methods/r2et/index.js'
import { adam } from '../../dist/optim/index.js'
import { fromArrays, toArrays } from '../../dist/train/index.js'
import { packed } from './pack.mjs'
import { dataOf, readRun } from './runs.mjs'

/** The experiment's settings on digits. */
const settings = { rows: 8000, epochs: 8, again: 4, rate: 3e-3, rateAgain: 1e-3, k: 50, steps: 60, points: 100, batch: 128, eps: 0.5 }
const objectives = { fragile: {}, robust: { lambda1: 0.1, lambda2: 0.1 } }
const arms = { fragile: 'digits_vanilla', robust: 'digits_r2et' }

/** Of each kind of network: its file, and what is known of it. */
export async function digitModels({ run, log }) {
  const mnist = await loadMnist()
  const split = everyFifth(mnist.labels.shape[0])
  const x = ndarray(
    mnist.images.data.map((value) => value / 255),
    [mnist.labels.shape[0], 784],
    'float32',
  )
  const part = (indices) => rows({ x, y: mnist.labels }, indices)
  const [train, test] = [part(split.train.slice(0, settings.rows)), part(split.test)]
  const ten = await tenClasses({ train, test, log })
  const { id, commands, preset } = readRun(run)
  const kept = Object.entries(arms).map(([name, arm]) => {
    const { tensors } = readSafetensors(readFileSync(join(run, 'artifacts', `${arm}--seed-0`, 'weights.safetensors')))
    const { measurements } = JSON.parse(readFileSync(join(run, 'units', `${arm}--seed-0.json`), 'utf8'))
    return {
      file: `digits-parity-${name}.safetensors`,
      bytes: packed(tensors, { classes: '2' }, { bits: 16 }),
      about: {
        from: { method: 'r2et', run: id, preset, commands, unit: `${arm.replace('_', '/')}, seed 0` },
        quality: qualityOf(measurements),
      },
    }
  })
  return { models: [...ten, ...kept], data: dataOf(mnist.provenance), examples: examplesOf(mnist, split.test) }
}

const qualityOf = ({ accuracy, worst, random, er }) => ({
  accuracy,
  precisionUnderAttack: worst,
  precisionUnderERAttack: er,
  precisionAtRandom: random,
})

/** The experiment's training, with one logit a class. */
async function tenClasses({ train, test, log }) {
  const network = smoothNetwork({ features: 784, classes: 10 })
  const common = { network, train, batch: settings.batch, seed: 0, progress: async () => {} }
  const trained = (params, objective, learningRate, more) =>
    fitModel(params, { ...common, objective: { k: settings.k, ...objective }, optimizer: adam({ learningRate }), ...more })
  const onEpoch = (epoch, loss) => log(`digits, epoch ${epoch}: ${loss.toFixed(4)}`)
  const plain = await toArrays(await trained(network.init(fold(key(0), 1)), {}, settings.rate, { epochs: settings.epochs, onEpoch }))
  const again = { epochs: settings.again, firstEpoch: settings.epochs, onEpoch }
  const like = network.init(key(0))
  const robust = await toArrays(await trained(fromArrays(plain, like), objectives.robust, settings.rateAgain, again))
  const found = []
  for (const [name, arrays] of Object.entries({ fragile: plain, robust })) {
    const params = fromArrays(arrays, like)
    const { precision, worst, random } = await audit(network, params, take(test, settings.points).x, settings)
    const measured = qualityOf({ accuracy: await accuracyOf(network, params, test), worst, random, er: precision.er })
    log(`digits, ten classes, ${name}: ${JSON.stringify(measured)}`)
    const from = { method: 'r2et', training: { classes: 10, seed: 0, ...settings, ...objectives[name] } }
    found.push({
      file: `digits-ten-${name}.safetensors`,
      bytes: packed(arrays, { classes: '10' }, { bits: 16 }),
      about: { from, quality: measured },
    })
  }
  return found
}

async function accuracyOf(network, params, { x, y }) {
  const logits = await (await evaluate(network.apply(params, fromArray(x)))).data()
  const best = (row) => logits.subarray(row * 10, row * 10 + 10).reduce((best, value, i, all) => (value > all[best] ? i : best), 0)
  return y.data.reduce((right, label, row) => right + (best(row) === label ? 1 : 0), 0) / y.data.length
}

/** Two digits of each class, as bytes [20, 28, 28], from which a reader can start. Rows that end in 0 are held out by r2et and by u-turn alike. */
export function examplesOf({ images, labels }, test) {
  const chosen = Array.from({ length: 10 }, (_, digit) =>
    test.filter((row) => row % 10 === 0 && labels.data[row] === digit).slice(3, 5),
  ).flat()
  const pixels = Uint8Array.from(chosen.flatMap((row) => [...images.data.subarray(row * 784, (row + 1) * 784)]))
  return { rows: chosen, labels: chosen.map((row) => labels.data[row]), pixels: Buffer.from(pixels).toString('base64') }
}
