/** Quire, as its users call it. */
import { fromArray, ndarray } from '../../../dist/engine/index.js'
import { generate } from '../../../dist/kits/lm/generate/index.js'
import { forward, languageLoss, loadModel } from '../../../dist/kits/lm/index.js'
import { adam } from '../../../dist/optim/index.js'
import { trainStep } from '../../../dist/train/index.js'
import { job, measureGeneration, measureTraining, prompts, trainingRows } from './harness.mjs'

const model = await loadModel(job.folder)

if (job.kind === 'generate')
  await measureGeneration(async (maxNewTokens) =>
    (await generate(model, prompts, { maxNewTokens })).map(({ tokens }) => tokens.map(({ id }) => id)),
  )
else {
  const { config } = model
  const step = trainStep((params, { x, y }) => languageLoss(forward(config, params, { ids: x }), y), adam({ learningRate: 1e-3 }))
  let state = step.init(model.params)
  const ids = (rows, from) => {
    const values = rows.flatMap((row) => row.slice(from, from + job.length))
    return fromArray(ndarray(Int32Array.from(values), [job.batch, job.length], 'int32'))
  }
  await measureTraining(async (k) => {
    const rows = trainingRows(k)
    const { loss, report: _, ...next } = await step(state, { x: ids(rows, 0), y: ids(rows, 1) })
    state = next
    return typeof loss === 'number' ? loss : loss.item()
  })
}
