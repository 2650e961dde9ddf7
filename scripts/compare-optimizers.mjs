// Every optimizer that can be named, on one task: writes docs/optimizers.md. After npm run build, on a quiet machine: npm run compare
import { writeFileSync } from 'node:fs'
import { createBatcher, loadOptdigits, splitBy } from '../dist/data/index.js'
import {
  configureRuntime,
  div,
  evaluate,
  explain,
  fromArray,
  getRuntime,
  grad,
  jit,
  key,
  max,
  mul,
  oneHot,
  sqrt,
  square,
  sub,
  sum,
} from '../dist/engine/index.js'
import { summarize } from '../dist/experiment/index.js'
import { optimizerNamed } from '../dist/methods/optimizers.js'
import { accuracy, crossEntropy, mlp } from '../dist/nn/index.js'
import { toArrays, trainStep, trainTransition } from '../dist/train/index.js'

const [hidden, steps, size, seeds] = [32, 6000, 128, [0, 1, 2]]
const milestones = [3000, 4500]
/** Rates that are tried for each, on a fifth of the training digits and a seed of its own; Frank-Wolfe has sets in their place. */
const rates = [3e-3, 1e-2, 3e-2, 1e-1]
const withRates = (name) => rates.map((rate) => `${name}:learningRate=${rate}`)
const candidates = {
  sgd: withRates('sgd'),
  adam: withRates('adam'),
  proxSgd: withRates('proxSgd'),
  proxAdamW: withRates('proxAdamW'),
  rmda: rates.map((rate) => `rmda:learningRate=${10 * rate}`),
  ramda: withRates('ramda'),
  prgd: [3e-3, 1e-2, 3e-2, 1e-1].map((rate) => `prgd:learningRate=${rate}`),
  frankWolfe: [2, 4, 8].map((init) => `frankWolfe:set=l2,init=${init}`),
  'frankWolfe (k-sparse)': [1, 2, 4].map((r) => `frankWolfe:set=ksparse,k=300,r=${r}`),
  forwardFrankWolfe: [2, 4, 8].map((init) => `forwardFrankWolfe:set=l2,init=${init}`),
}

configureRuntime({ threads: 1 })
const runtime = await getRuntime()
const { train: all, test, provenance } = await loadOptdigits({ log: console.error })
const scaled = ({ x, y }) => ({ x: { ...x, data: x.data.map((pixel) => pixel / 16) }, y })
const whole = scaled(all)
const parts = splitBy(whole, (index) => (index % 5 === 0 ? 'test' : 'train'))
const held = scaled(test)

const model = mlp({ sizes: [64, hidden, 10] })
const loss = (params, { x, y }) => crossEntropy(model.apply(params, x), y)

/** z_y − max z_j over the other classes, of each row. */
const lead = (params, x, y) => {
  const [logits, own] = [model.apply(params, x), oneHot(y, 10)]
  return sub(sum(mul(logits, own), { axes: 1 }), max(sub(logits, mul(own, 1e9)), { axes: 1 }))
}
const looks = jit((params, x, y) => {
  const gradient = grad((rows) => sum(lead(params, rows, y)))(x)
  const distance = div(lead(params, x, y), sqrt(sum(square(gradient), { axes: 1 })))
  return { accuracy: accuracy(model.apply(params, x), y), distance }
})

async function look(params, { x, y }) {
  const found = await evaluate(looks(params, fromArray(x), fromArray(y)))
  const distances = [...(await found.distance.data())].sort((a, b) => a - b)
  return { accuracy: await found.accuracy.item(), margin: distances[Math.floor(distances.length / 2)] }
}

/** The shares of weights that are exactly zero, and of pixels whose weights all are. */
async function zeros(params) {
  const arrays = await toArrays(params)
  const matrices = Object.entries(arrays).flatMap(([name, array]) => (name.endsWith('weight') ? [array.data] : []))
  const count = (list) => list.reduce((total, data) => total + data.filter((value) => value === 0).length, 0)
  const first = matrices[0]
  const unread = Array.from({ length: 64 }, (_, pixel) =>
    Array.from({ length: hidden }, (_, unit) => first[unit * 64 + pixel]).every((w) => w === 0),
  )
  return { zero: count(matrices) / matrices.reduce((total, { length }) => total + length, 0), unread: unread.filter(Boolean).length / 64 }
}

async function trained(text, data, seed) {
  const start = await evaluate(model.init(key(seed)))
  const plan = { params: start, steps, learningRate: 0.01, milestones, seed, defaults: { lambda: 3e-4 } }
  const { optimizer, params } = await optimizerNamed(text, plan)
  const step = trainStep(loss, optimizer)
  const batcher = createBatcher(data, { size, seed, last: 'wrap' })
  let state = await evaluate(step.init(params))
  const buffer = batcher.at(0)
  const explained = await explain(
    trainTransition(loss, optimizer),
    { params: state.params, optimizer: state.optimizer },
    { x: fromArray(buffer.x), y: fromArray(buffer.y) },
  )
  const times = []
  for (let k = 0; k < steps; k++) {
    const batch = batcher.at(k, buffer)
    const begin = performance.now()
    state = await step({ params: state.params, optimizer: state.optimizer }, batch)
    times.push(performance.now() - begin)
  }
  times.sort((a, b) => a - b)
  return { params: state.params, optimizer, bytes: explained.outsideBytes + explained.peakBytes, milliseconds: times[steps >> 1] }
}

const rows = []
for (const [label, texts] of Object.entries(candidates)) {
  const tried = []
  for (const text of texts) {
    // A setting under which the loss overflows, or vanishes, is no candidate.
    const found = await trained(text, parts.train, 100).then(
      ({ params }) => look(params, parts.test),
      () => ({ accuracy: 0 }),
    )
    tried.push({ text, accuracy: found.accuracy })
  }
  const { text } = tried.toSorted((a, b) => b.accuracy - a.accuracy)[0]
  const runs = []
  for (const seed of seeds) {
    const { params, bytes, milliseconds } = await trained(text, whole, seed)
    runs.push({ ...(await look(params, held)), ...(await zeros(params)), bytes, milliseconds })
  }
  rows.push({ label, text, runs })
  console.error(label, text, runs.map((run) => run.accuracy.toFixed(4)).join(' '))
}

const interval = (values, digits, scale = 1) => {
  const { mean, ci95 } = summarize(values.map((value) => value * scale))
  return `${mean.toFixed(digits)} ± ${((ci95[1] - ci95[0]) / 2).toFixed(digits)}`
}
const cells = ({ label, text, runs }) => {
  const all = (name) => runs.map((run) => run[name])
  const { bytes } = runs[0]
  return [
    label,
    `\`${text}\``,
    interval(all('accuracy'), 2, 100),
    interval(all('zero'), 1, 100),
    interval(all('unread'), 1, 100),
    interval(all('margin'), 3),
    `${(bytes / 2 ** 20).toFixed(2)} MiB`,
    `${summarize(all('milliseconds')).mean.toFixed(2)}`,
  ]
}
const header = [
  'optimizer',
  'settings',
  'test accuracy, %',
  'weights exactly 0, %',
  'pixels not read, %',
  'distance to the boundary',
  'memory of a step',
  'ms a step',
]
const table = [header, header.map(() => '---'), ...rows.map(cells)].map((row) => `| ${row.join(' | ')} |`)

writeFileSync(
  new URL('../docs/optimizers.md', import.meta.url),
  `<!-- Written by \`npm run compare\`; do not edit. -->

# Optimizers

One interface serves all: \`init\` makes a state, \`update\` takes gradients, state and parameters to the next of both, and \`differentiate\`, where there is
one, says how the loss is differentiated (forward-gradient Frank-Wolfe estimates, PRGD takes the logarithm's gradient). All of it is part of
the one compiled training step, so that \`trainStep(loss, optimizer)\` takes any. Every \`train\` command takes any by name:

\`\`\`sh
quire ramda train --data digits.csv --optimizer forwardFrankWolfe:set=ksparse,k=300,r=2
quire r2et train --data credit.csv --optimizer ramda:lambda=1e-4
quire prgd train digits.csv --rule adam:learningRate=1e-3
\`\`\`

Names: \`quire ramda train --help\`; a setting that an optimizer has not is answered with those that it has. In the library, \`optimizerNamed(text, plan)\` of \`quire/optimizers\`.

## Side by side

A network of 64-${hidden}-10 with ReLU on ${provenance.name}${provenance.real ? '' : ' (generated, not the real digits)'}, pixels from 0 to 1: ${steps} steps on batches of ${size}, one thread. The settings are the best of ${rates.length} or
fewer, by accuracy on a fifth of the training digits with a seed of its own; the figures are those of the test digits, mean ± 95 % interval over seeds
${seeds.join(', ')}. Regularized methods have a group lasso of 3e-4 over pixels. The learning rate falls to a tenth at steps ${milestones.join(' and ')}
where an optimizer has one that may.

${table.join('\n')}

*Distance to the boundary*: how far a test digit would have to move, to first order, for another class to lead; the median, wrong ones counted
below zero. *Memory of a step*: arguments, results and intermediate values at the worst moment, from \`explain\`. Frank-Wolfe's sets are written as
\`quire forward-frank-wolfe train --help\` says; \`init\` is a multiple of the first weights' norm.

Made by \`npm run compare\` on ${new Date().toISOString().slice(0, 10)}: node ${process.versions.node}, ${runtime.name} ${runtime.version}.
`,
)
