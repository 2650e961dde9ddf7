import { cast, div, fromArray, greaterEqual, jit, maximum, type NDArray, ndarray, sum, type Tensor } from '../../../engine/index.ts'
import { type DecoderParams, forward, ignored, type LanguageModel, tokenLosses } from '../../../kits/lm/index.ts'
import type { LikelihoodOracle } from './oracle.ts'

/** What stands after the end of a record that is shorter than the others. */
export const padToken = -1

/** Evaluations a graph: records with all their neighbours are many rows. */
const rowsTogether = 32

/**
 * −log p of a sequence, in nats a token: the exact likelihood, so that there is no noise. A row of a matrix is a draw of token swaps, whose number is
 * `swaps`.
 *
 * @example
 * import { initDecoder, llamaConfig, sizes } from 'quire/lm'
 *
 * const config = llamaConfig({ ...sizes.tiny })
 * languageOracle({ config, params: initDecoder(config, key(0)) }, { swaps: 4 }).rows.length // 4
 */
export function languageOracle(
  { config, params }: Pick<LanguageModel, 'config' | 'params'>,
  { swaps = 10 }: { swaps?: number } = {},
): LikelihoodOracle {
  const run = jit((params: DecoderParams, ids: Tensor, labels: Tensor) => {
    const count = maximum(sum(cast(greaterEqual(labels, 0), 'float32'), { axes: [1] }), 1)
    return div(sum(tokenLosses(forward(config, params, { ids }), labels), { axes: [1] }), count)
  })
  return {
    kind: 'nll',
    rows: Array.from({ length: swaps }, (_, k) => `swap${k}`),
    noise: 0,
    cost: 1,
    async losses(_, versions) {
      const rows = versions.shape[0] * versions.shape[1]
      const length = versions.shape[2]
      const found = new Float64Array(rows)
      for (let first = 0; first < rows; first += rowsTogether) {
        const { ids, labels } = shifted(versions, { first, length, rows })
        found.set(
          (await run(params, fromArray(ids), fromArray(labels)).data()).subarray(0, Math.min(rowsTogether, rows - first)) as Float32Array,
          first,
        )
      }
      return found
    },
  }
}

/** Tokens and the ones that follow them; rows beyond the last repeat it. */
function shifted(
  { data }: NDArray,
  { first, length, rows }: { first: number; length: number; rows: number },
): { ids: NDArray; labels: NDArray } {
  const shape = [rowsTogether, length - 1]
  const [ids, labels] = [new Int32Array(rowsTogether * (length - 1)), new Int32Array(rowsTogether * (length - 1))]
  for (let i = 0; i < rowsTogether; i++) {
    const begin = Math.min(rows - 1, first + i) * length
    for (let k = 0; k + 1 < length; k++) {
      const [own, next] = [data[begin + k], data[begin + k + 1]]
      ids[i * (length - 1) + k] = Math.max(0, own)
      labels[i * (length - 1) + k] = next === padToken ? ignored : next
    }
  }
  return { ids: ndarray(ids, shape, 'int32'), labels: ndarray(labels, shape, 'int32') }
}
