import { countOf, rows } from '../../data/index.ts'
import { evaluate, fromArray, jit, type NDArray, ndarray, type Tensor } from '../../engine/index.ts'
import type { ItemColumns } from '../../experiment/index.ts'
import { average, predictionsOf, shareEqual } from '../../kits/metrics/index.ts'
import type { Model } from '../../nn/index.ts'
import { type Examples, scoredAtOnce } from './classifier.ts'

/** What a model says of each test example; of texts of each window: the share of right characters and the mean loss. `ids`: of examples or windows. */
export async function itemsOf<P>(
  model: Model<P>,
  params: P,
  examples: Examples,
  ids: readonly number[],
): Promise<Record<string, ItemColumns>> {
  const found = predictionsOf(await logitsOf(model, params, examples), examples.y.data)
  const places = examples.y.data.length / ids.length
  if (places === 1) return { test: { ...found, id: ids } }
  const within = <T>(window: number, values: { slice(begin: number, end: number): T }): T =>
    values.slice(window * places, (window + 1) * places)
  return {
    windows: {
      id: ids,
      right: ids.map((_, window) => shareEqual(within(window, found.predicted), within(window, found.label))),
      loss: Float32Array.from(ids, (_, window) => average(within(window, found.loss))),
    },
  }
}

/** Logits of all examples, float32 [..., classes]. */
async function logitsOf<P>(model: Model<P>, params: P, examples: Examples): Promise<NDArray> {
  const run = jit((params: P, x: Tensor) => model.apply(params, x))
  const count = countOf(examples)
  let logits = new Float32Array(0)
  for (let begin = 0; begin < count; begin += scoredAtOnce) {
    const chosen = Uint32Array.from({ length: Math.min(scoredAtOnce, count - begin) }, (_, i) => begin + i)
    const { shape, data } = await (await evaluate(run(params, fromArray(rows(examples, chosen).x)))).ndarray()
    if (begin === 0) logits = new Float32Array((data.length / shape[0]) * count)
    logits.set(data, (begin * data.length) / shape[0])
  }
  const classes = logits.length / examples.y.data.length
  return ndarray(logits, [...examples.y.shape, classes], 'float32')
}
