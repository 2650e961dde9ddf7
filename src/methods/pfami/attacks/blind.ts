import { permutation } from '../../../data/draws.ts'
import { type NDArray, ndarray, sizeOf } from '../../../engine/index.ts'
import { foldKey } from '../../../engine/threefry.ts'
import { nearest } from '../../../kits/generative/index.ts'
import { areaWithInterval, type Measured } from '../../../kits/metrics/index.ts'
import { rowsOf } from '../data.ts'
import { useKey } from '../noise.ts'
import { logisticRegression } from './logistic.ts'

const folds = 5
const neighbours = 8

/**
 * How well members are told from non-members without any model, from the records alone: by logistic regression and by a vote of the 8 nearest, each trained
 * on four fifths and tested on the rest. Well above ½ it is the split that tells them apart, and an attack's area means nothing.
 *
 * @example
 * const records = await random.normal(key(0), [40, 4]).ndarray()
 * const { logistic } = await blindTest(records, Array.from({ length: 40 }, (_, n) => n % 2))
 * logistic.value < 1 // true
 */
export async function blindTest(records: NDArray, labels: ArrayLike<number>, seed = 0): Promise<{ logistic: Measured; nearest: Measured }> {
  const [n, ...shape] = records.shape
  const flat = ndarray(Float32Array.from(records.data), [n, sizeOf(shape)], 'float32')
  const order = Array.from(permutation(foldKey(useKey(seed, 'splits'), 1), n))
  const scores = { logistic: new Float64Array(n), nearest: new Float64Array(n) }
  for (let fold = 0; fold < folds; fold++) {
    const held = order.filter((_, k) => k % folds === fold)
    const rest = order.filter((_, k) => k % folds !== fold)
    const [train, test] = [rowsOf(flat, rest), rowsOf(flat, held)]
    const odds = await (
      await logisticRegression(
        train,
        rest.map((row) => labels[row]),
      )
    )(test)
    const found = await nearest(test, train, Math.min(neighbours, rest.length))
    const k = found.indices.length / held.length
    for (const [i, row] of held.entries()) {
      scores.logistic[row] = odds[i]
      let votes = 0
      for (let j = 0; j < k; j++) votes += labels[rest[found.indices[i * k + j]]]
      scores.nearest[row] = votes / k
    }
  }
  return { logistic: areaWithInterval(scores.logistic, labels), nearest: areaWithInterval(scores.nearest, labels) }
}
