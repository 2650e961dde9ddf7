/** What the measures of quire alone share: arguments, a workload as a state transition, medians, one line of JSON. */
import { configureRuntime, evaluate, fromArray } from '../../dist/engine/index.js'
import { trainTransition } from '../../dist/train/index.js'
import { load, readArguments } from '../peers/harness.mjs'
import { initialParams, lossOf, modelOf, optimizerOf, toArray } from '../peers/quire-models.mjs'

export const args = readArguments()
configureRuntime({ threads: args.threads })

/** A workload's step with its first state and batch, as values. */
export async function workloadStep() {
  const { spec, weights, batches } = load(args)
  const model = modelOf(spec)
  const optimizer = optimizerOf(spec)
  const params = initialParams(model, weights, spec)
  const state = await evaluate({ params, optimizer: optimizer.init(params) })
  const batch = Object.fromEntries(Object.entries(batches[0]).map(([name, array]) => [name, fromArray(toArray(array))]))
  return { transition: trainTransition(lossOf(spec, model), optimizer), state, batch }
}

/** A tiny network, 4-8-2, with a batch of 4: what a step costs beside its arithmetic. */
export const tiny = {
  sizes: [4, 8, 2],
  batch: {
    x: { shape: [4, 4], dtype: 'float32', data: Float32Array.from({ length: 16 }, (_, i) => Math.sin(i)) },
    y: { shape: [4], dtype: 'int32', data: Int32Array.of(0, 1, 0, 1) },
  },
}

/** Milliseconds of each of `count` calls. */
export async function timesOf(count, run) {
  const times = []
  for (let i = 0; i < count; i++) {
    const start = performance.now()
    await run(i)
    times.push(performance.now() - start)
  }
  return times
}
