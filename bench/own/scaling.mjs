/** How a transformer's training step grows as one of its extents doubles, three times: least squares on logarithms. */
import { key } from '../../dist/engine/index.js'
import { crossEntropy, transformer } from '../../dist/nn/index.js'
import { adam } from '../../dist/optim/index.js'
import { trainStep } from '../../dist/train/index.js'
import { median, report } from '../peers/harness.mjs'
import { args, timesOf } from './step.mjs'

const base = { layers: 2, width: 128, batch: 4, context: 64 }
const starts = { width: 64, layers: 1, batch: 2, context: 32 }
const [repeats, milliseconds, doublings] = args.quick ? [2, 50, 3] : [3, 300, 3]
const vocabulary = 256

async function stepOf({ layers, width, batch, context }) {
  const model = transformer({ vocabulary, context, width, heads: 4, layers })
  const train = trainStep((params, { x, y }) => crossEntropy(model.apply(params, x), y), adam({ learningRate: 1e-3 }))
  const ids = Int32Array.from({ length: batch * context }, (_, i) => (i * 31) % vocabulary)
  const array = { shape: [batch, context], dtype: 'int32', data: ids }
  let state = train.init(model.init(key(0)))
  const step = async () => {
    state = await train(state, { x: array, y: array })
  }
  await timesOf(3, step)
  return step
}

/** The slope of y over x with the half width of its 95 % interval; few points, so by Student's t. */
function fit(xs, ys) {
  const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length
  const [mx, my] = [mean(xs), mean(ys)]
  const spread = xs.reduce((sum, x) => sum + (x - mx) ** 2, 0)
  const slope = xs.reduce((sum, x, i) => sum + (x - mx) * (ys[i] - my), 0) / spread
  const residual = ys.reduce((sum, y, i) => sum + (y - my - slope * (xs[i] - mx)) ** 2, 0)
  const freedom = xs.length - 2
  return { slope, halfWidth: tOf(freedom) * Math.sqrt(residual / freedom / spread) }
}

/** The 97.5 % point of Student's t, to 1 % from 4 degrees of freedom on (Cornish-Fisher). */
const tOf = (freedom) => {
  const z = 1.959964
  return z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2)
}

const exponents = {}
for (const [name, start] of Object.entries(starts)) {
  const values = Array.from({ length: doublings + 1 }, (_, i) => start * 2 ** i)
  const steps = []
  for (const value of values) steps.push(await stepOf({ ...base, [name]: value }))
  const points = []
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const [i, step] of steps.entries()) {
      const estimate = median(await timesOf(2, step))
      const times = await timesOf(Math.max(3, Math.round(milliseconds / estimate)), step)
      points.push({ value: values[i], ms: median(times) })
    }
  }
  const line = fit(
    points.map(({ value }) => Math.log2(value)),
    points.map(({ ms }) => Math.log2(ms)),
  )
  const stepMs = values.map((value) => median(points.filter((point) => point.value === value).map(({ ms }) => ms)))
  exponents[name] = { values, stepMs, exponent: line.slope, halfWidth: line.halfWidth }
}
report({ base, exponents })
